// A chat's host in a browser: the AppBridge of ext-apps around one frame. What a view asks of the server goes to the
// test by `toServer`; everything that the view posts is kept in `posted`, in its order.
import { AppBridge, PostMessageTransport } from '@modelcontextprotocol/ext-apps/app-bridge';

// As strict as a host is known to be: nothing but what is written into the page.
const POLICY =
  "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; form-action 'none'; base-uri 'none'";

window.posted = [];

window.openView = async ({ html, capabilities, context, refuses, result }) => {
  document.querySelector('#view')?.remove();
  window.posted = [];
  const frame = document.createElement('iframe');
  frame.sandbox = 'allow-scripts';
  frame.id = 'view';
  // A host that refuses a view does not follow it either.
  frame.style = `width: 392px; height: ${refuses ? 300 : 0}px; border: 0`;
  document.body.append(frame);
  const view = frame.contentWindow;
  window.addEventListener('message', ({ source, data }) => {
    if (source !== view) return;
    window.posted.push(data);
    if (refuses && data.method === 'ui/initialize')
      view.postMessage({ jsonrpc: '2.0', id: data.id, error: { code: -32603, message: 'No' } }, '*');
  });
  const bridge = new AppBridge(null, { name: 'Chat', version: '1.0.0' }, capabilities, {
    hostContext: context,
  });
  const passOn = (method) => async (params) => {
    const answer = await window.toServer(method, params);
    // As the clients of the SDK do: the error's code is the HTTP status.
    if (answer.failure) throw Object.assign(new Error(answer.failure.message), answer.failure);
    return answer;
  };
  bridge.oncalltool = passOn('tools/call');
  if (capabilities.serverResources) bridge.onreadresource = passOn('resources/read');
  if (capabilities.updateModelContext)
    bridge.onupdatemodelcontext = async ({ content }) => {
      window.told = content[0].text;
      return {};
    };
  bridge.onsizechange = ({ height }) => {
    frame.style.height = `${height}px`;
  };
  const isReady = new Promise((resolve) => {
    bridge.oninitialized = resolve;
  });
  if (!refuses) await bridge.connect(new PostMessageTransport(view, view));
  frame.srcdoc = html.replace(
    '<head>',
    `<head><meta http-equiv="Content-Security-Policy" content="${POLICY}">`,
  );
  window.bridge = bridge;
  if (refuses) return;
  await isReady;
  // No input of the tool: some hosts send none.
  if (result) await bridge.sendToolResult(result);
};
