/**
 * Where the keyboard is. It stays on an element that stays; it goes to the title, or to the question of the second
 * look, if what it was on is gone or another place is shown. Never to a button that moves money.
 */
export function createFocus(root: Element) {
  let place = '';
  let last = '';
  return {
    around(view: string, change: () => void): void {
      const [what = '', which = '', state = ''] = view.split(' ');
      const isElsewhere = `${what} ${which}` !== place;
      const isNew = view !== last;
      const isFirst = place === '';
      const before = document.activeElement;
      const wasInside = before !== null && before !== document.body && root.contains(before);
      change();
      place = `${what} ${which}`;
      last = view;
      const isLost = wasInside && !before.isConnected;
      const find = (selector: string) => root.querySelector<HTMLElement>(selector);
      const sheet = find('.veil');
      if (sheet) {
        if (!sheet.contains(document.activeElement)) find('#sheet-title')?.focus();
      } else if (state === 'look' && (isNew || isLost)) {
        // The button that was pressed has become the one that charges: the Enter that opened the look must not press it.
        find('#question')?.focus();
      } else if (!isFirst && (isLost || isElsewhere)) {
        find('#title')?.focus({ preventScroll: !isElsewhere });
      }
    },
  };
}
