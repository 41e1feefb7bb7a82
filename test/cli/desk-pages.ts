import type { SimulatedRun } from './simulated.ts';

/**
 * Pages beside the phone's: the desk alone, and the desk with the phone. Each frames the desk and hands it this run's
 * token, which never stands in an address.
 */
export function addDeskPages({ simulator, functions, call, token }: SimulatedRun): void {
  const desk = `${functions.url}/desk`;
  simulator.pages.set(
    '/simulator/desk',
    page('Payment desk', { desk, token }, `<iframe id="desk"></iframe>`),
  );
  simulator.pages.set(
    '/simulator/both',
    page(
      'Payment desk and phone',
      { desk, token },
      `<iframe id="desk"></iframe><iframe src="/simulator/phone#call=${call.sid}" title="The caller's phone"></iframe>`,
    ),
  );
}

/** Data goes in as JSON in which no tag can end. */
function page(title: string, data: object, frames: string): string {
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>${title}</title><link rel="icon" href="data:,">
<style>body{margin:0;height:100vh;display:flex;flex-wrap:wrap;background:light-dark(#e6eae8,#090d0c);color-scheme:light dark}iframe{flex:1 1 25rem;min-height:100%;border:0}iframe:nth-of-type(2){flex:0 1 25rem}@media(max-width:50rem){iframe{flex:1 0 100%!important}}</style></head>
<body>${frames}
<script type="module">
const { desk, token } = ${JSON.stringify(data).replaceAll('<', '\\u003c')};
const frame = document.getElementById('desk');
const { origin } = new URL(desk);
addEventListener('message', ({ source, origin: from, data }) => {
  if (source === frame.contentWindow && from === origin && data?.type === 'desk:ready') source.postMessage({ type: 'desk:token', token }, origin);
});
frame.title = 'Payment desk';
frame.allow = 'clipboard-write';
frame.src = desk + location.hash;
</script></body></html>`;
}

/** Lets the phone show what the agent says: whoever takes the payment, its status has the sentence. */
export function addSentences({ simulator, mcpUrl, token }: SimulatedRun): void {
  simulator.phones.agentSays = async (callSid) => {
    const paymentSid = simulator.payments().findLast((payment) => payment.callSid === callSid)?.sid;
    if (!paymentSid) return undefined;
    const response = await fetch(mcpUrl, {
      method: 'POST',
      headers: {
        'Content-Type': 'application/json',
        Accept: 'application/json',
        Authorization: `Bearer ${token}`,
      },
      body: JSON.stringify({
        jsonrpc: '2.0',
        id: 1,
        method: 'resources/read',
        params: { uri: `payment://${callSid}/${paymentSid}/status` },
      }),
      signal: AbortSignal.timeout(2_000),
    });
    const { result } = (await response.json()) as { result?: { contents: { text: string }[] } };
    const { say, desk } = JSON.parse(result?.contents[0]?.text ?? '{}') as Status;
    return say ? { text: say, language: desk?.language ?? 'en' } : undefined;
  };
}

interface Status {
  say?: string;
  desk?: { language?: string };
}
