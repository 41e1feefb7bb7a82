import { version } from '../../package.json';
import { createBridge } from './bridge.ts';
import { startDesk } from './control.ts';
import { applyContext, reportSize } from './host-look.ts';
import { createHostSource } from './host-source.ts';
import { EMPTY_MODEL } from './model.ts';
import { noticeOf } from './notice.ts';
import { contentOf, isRecord, type Source, SourceError } from './source.ts';
import { isOver } from './state.ts';
import { languageOf } from './words.ts';

/** Milliseconds between two reads while the caller types: hosts count what a view asks for. */
const QUICKEST_MS = 1_000;
/** Milliseconds to wait for the host's handshake; after it the person may try again. */
const HANDSHAKE_MS = 15_000;
const PROTOCOL = '2026-01-26';

/** The desk as a view inside a chat (MCP Apps): one payment, that of the tool call which the host shows it for. */
export function startChat(root: Element, live: Element): void {
  let source: Source | undefined;
  let isOpen = true;
  /** The payment that was seen alive: a view that comes back from a chat's history has nothing new to tell. */
  let alive = '';

  const bridge = createBridge(window.parent, {
    onRequest(method) {
      if (method === 'ui/resource-teardown') isOpen = false;
      return method === 'ui/resource-teardown' || method === 'ping' ? {} : undefined;
    },
    onNotification(method, params) {
      if (method === 'ui/notifications/tool-result') take(params);
      if (method === 'ui/notifications/tool-cancelled')
        desk.update({ notice: noticeOf(CANCELED, desk.model) });
      if (method === 'ui/notifications/host-context-changed') show(params);
    },
  });

  const desk = startDesk({
    root,
    live,
    model: {
      ...EMPTY_MODEL,
      now: Date.now(),
      language: languageOf(navigator.languages),
      isChat: true,
      isSignedIn: true,
      canCopy: 'clipboard' in navigator,
    },
    quickest: QUICKEST_MS,
    source: () => (isOpen ? source : undefined),
    expire: () => undefined,
    onAction(action) {
      if (action.do === 'refresh' && !source) void connect();
      return false;
    },
    onPaint: tellEnd,
  });
  document.documentElement.dataset.chat = '';
  void connect();

  /** Nothing is asked of a host, and it tells nothing, before it has accepted the view and has been told so. */
  async function connect(): Promise<void> {
    const view = {
      appInfo: { name: 'agent-payments-desk', version },
      appCapabilities: { availableDisplayModes: ['inline', 'fullscreen'] },
      protocolVersion: PROTOCOL,
    };
    let result: unknown;
    try {
      result = await bridge.ask('ui/initialize', view, HANDSHAKE_MS);
    } catch {
      result = undefined;
    }
    if (!isRecord(result)) {
      desk.update({ link: { ...desk.model.link, state: 'offline' } });
      return;
    }
    const { hostCapabilities, hostContext } = result;
    const host = createHostSource(bridge, isRecord(hostCapabilities) ? hostCapabilities : {});
    source = { ...host, tell: (what) => host.tell(`${what} ${subject()}`) };
    bridge.tell('ui/notifications/initialized', {});
    reportSize(bridge);
    show(isRecord(hostContext) ? hostContext : {});
    desk.update({ link: { ...desk.model.link, state: 'live' } });
    desk.refresh();
  }

  /** Which payment is meant: after a second start it is another one than the host shows the desk for. */
  function subject(): string {
    const { route } = desk.model;
    return route.view === 'payment' ? `(callSid ${route.callSid}, paymentSid ${route.paymentSid})` : '';
  }

  function show(context: Record<string, unknown>): void {
    applyContext(context);
    const { locale } = context;
    if (typeof locale === 'string') desk.update({ language: languageOf([locale, ...navigator.languages]) });
  }

  /** The result of the tool call says which payment it is. It may be old, so nothing else of it is used. */
  function take(result: Record<string, unknown>): void {
    try {
      const { callSid, paymentSid } = contentOf(result);
      if (typeof callSid !== 'string' || typeof paymentSid !== 'string') throw new SourceError('offline');
      const isShown = desk.model.payment?.paymentSid === paymentSid;
      if (!isShown) desk.update({ route: { view: 'payment', callSid, paymentSid }, notice: '' });
      desk.refresh();
    } catch (error) {
      if (!(error instanceof SourceError)) throw error;
      desk.update({ notice: noticeOf(error, desk.model) });
    }
  }

  /** A model hears how a payment ended although it may have had no part in it. */
  function tellEnd(): void {
    const { payment } = desk.model;
    if (!payment) return;
    if (!isOver(payment)) alive = payment.paymentSid;
    else if (alive === payment.paymentSid) {
      alive = '';
      source?.tell(`The payment has ended: ${payment.ending}.`);
    }
  }
}

const CANCELED = new SourceError('refused', { code: 'CANCELED' });
