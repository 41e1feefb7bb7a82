/** Milliseconds between two texts: a screen reader would cut the first one short. */
const PAUSE_MS = 2_000;

/** One polite live region: a text per change of what is shown, and never two at once. */
export function createAnnouncer(region: Element) {
  let view = '';
  let last = 0;
  let waiting: ReturnType<typeof setTimeout> | undefined;
  return {
    say(newView: string, text: string | undefined): void {
      if (newView === view || text === undefined) return;
      view = newView;
      clearTimeout(waiting);
      const speak = () => {
        last = Date.now();
        region.textContent = text;
      };
      const pause = last + PAUSE_MS - Date.now();
      if (pause <= 0) speak();
      else waiting = setTimeout(speak, pause);
    },
  };
}
