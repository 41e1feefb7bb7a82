// A chat's host in a browser: the AppBridge of ext-apps around one frame. What a view asks of the server goes to the
// test by `toServer`; everything that the view posts is kept in `posted`, in its order.
import { AppBridge, PostMessageTransport } from '@modelcontextprotocol/ext-apps/app-bridge';

// As strict as a host is known to be: nothing but what is written into the page.
const POLICY =
  "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; form-action 'none'; base-uri 'none'";

window.posted = [];

window.openView = async ({ html, capabilities, context, refuses, input, result, keepsSize }) => {
  document.querySelector('iframe')?.remove();
  window.posted = [];
  const frame = document.createElement('iframe');
  frame.sandbox = 'allow-scripts';
  frame.style = 'width: 392px; height: 0; border: 0';
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
  bridge.oncalltool = (params) => window.toServer('tools/call', params);
  if (capabilities.serverResources)
    bridge.onreadresource = (params) => window.toServer('resources/read', params);
  if (capabilities.updateModelContext)
    bridge.onupdatemodelcontext = async ({ content }) => {
      window.told = content[0].text;
      return {};
    };
  bridge.onsizechange = ({ height }) => {
    if (!keepsSize) frame.style.height = `${height}px`;
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
  if (input) await bridge.sendToolInput({ arguments: input });
  if (result) await bridge.sendToolResult(result);
};
