import { startDesk } from './control.ts';
import { createFetchSource } from './fetch-source.ts';
import {
  type Action,
  type Desk,
  type Door,
  EMPTY_FORM,
  EMPTY_MODEL,
  type Form,
  type Model,
  type Route,
} from './model.ts';
import { type Account, beginSignIn, takeAnswer } from './sign-in.ts';
import { isRecord } from './source.ts';
import { languageOf } from './words.ts';

/** What the server writes into the page. */
interface PageSettings {
  /** How a person signs in at the issuer, if there is one. */
  account: Account | undefined;
  withToken: boolean;
  idleMinutes: number;
  /** The origins that may frame the page, and hand it a token. */
  parents: string[];
}

const KEPT = 'desk-token';
/** Milliseconds between two reads while the caller types. */
const QUICKEST_MS = 600;

/** The desk as a page of its own: with a door, places that the address names, and a lock. */
export function startPage(settings: PageSettings, root: Element, live: Element): void {
  const { account } = settings;
  let token = sessionStorage.getItem(KEPT) ?? '';
  const signIn = account && takeAnswer(account);
  const source = createFetchSource(() => token);
  const door: Door = {
    // No issuer lets itself be framed: there the page around has signed the person in.
    withAccount: account !== undefined && window.parent === window,
    withToken: settings.withToken,
    reason: '',
    token: '',
    keep: false,
    idleMinutes: settings.idleMinutes,
  };
  const { route, form } = placeOf(location.hash);
  const model: Model = {
    ...EMPTY_MODEL,
    now: Date.now(),
    language: languageOf(navigator.languages),
    door,
    isSignedIn: token !== '',
    route,
    form,
    canCopy: 'clipboard' in navigator,
  };

  function enter(given: string, keep: boolean): void {
    token = given;
    if (keep) sessionStorage.setItem(KEPT, given);
    desk.update({ isSignedIn: true, door: { ...door, keep }, notice: '', link: model.link });
    desk.refresh();
  }

  /** Forgets who was signed in, and all that they saw. */
  function leave(reason: Door['reason']): void {
    token = '';
    sessionStorage.removeItem(KEPT);
    desk.update({ ...SIGNED_OUT, door: { ...door, reason } });
  }

  function onAction(action: Action, { model: now }: Desk): boolean {
    switch (action.do) {
      case 'use-token': {
        const given = now.door?.token.trim() ?? '';
        if (given) enter(given, now.door?.keep ?? false);
        return true;
      }
      case 'sign-in':
        if (account) void beginSignIn(account, now.door?.keep ?? false);
        return true;
      case 'sign-out':
        leave('');
        return true;
      case 'list':
        go({ view: 'list' });
        return true;
      case 'open':
        go({ view: 'payment', callSid: action.callSid, paymentSid: action.paymentSid });
        return true;
      case 'new':
        go({ view: 'new' }, { ...EMPTY_FORM, ...action.from });
        return true;
    }
    return false;
  }

  function go(next: Route, newForm?: Form): void {
    desk.update({
      route: next,
      payment: undefined,
      notice: '',
      ask: undefined,
      seen: [],
      paidBefore: 0,
      ...(newForm && { form: newForm }),
    });
    desk.refresh();
  }

  let hash = location.hash;
  const desk = startDesk({
    root,
    live,
    model,
    quickest: QUICKEST_MS,
    source: () => (token ? source : undefined),
    expire: () => leave(desk.model.list || desk.model.payment ? 'expired' : 'refused'),
    onAction,
    onPaint() {
      const { route: shown, language } = desk.model;
      const next = hashOf(shown);
      if (next !== undefined && next !== hash) {
        hash = next;
        history.pushState(null, '', `${location.pathname}${next}`);
      }
      document.documentElement.lang = language;
    },
  });

  window.addEventListener('popstate', () => {
    hash = location.hash;
    const place = placeOf(hash);
    const isForm = place.route.view === 'new';
    if (isForm || hashOf(place.route) !== hashOf(desk.model.route)) go(place.route, place.form);
  });
  if (signIn) {
    desk.update({ busy: { do: 'sign-in' } });
    void signIn().then((signedIn) => {
      desk.update({ busy: undefined });
      if (signedIn) enter(signedIn.token, signedIn.keep);
      else leave('failed');
    });
  }
  acceptToken(settings.parents, (given) => enter(given, false));
  watchIdleness(settings.idleMinutes, () => {
    const { isSignedIn, list } = desk.model;
    // A wall that nothing can be done on stays.
    if (isSignedIn && list?.may.write !== false) leave('locked');
  });
}

const SIGNED_OUT = {
  isSignedIn: false,
  you: '',
  payment: undefined,
  list: undefined,
  calls: [],
  notice: '',
  ask: undefined,
  isSheetOpen: false,
  seen: [],
  busy: undefined,
} satisfies Partial<Model>;

/** Where the address points: a payment, the form of a new one with what a link fills in, or the list. */
export function placeOf(hash: string): { route: Route; form: Form } {
  const given = new URLSearchParams(hash.replace(/^#/, ''));
  const value = (name: string) => given.get(name)?.slice(0, 200) ?? '';
  const callSid = value('call');
  const paymentSid = value('payment');
  if (/^CA[0-9a-f]{32}$/i.test(callSid) && /^PK[0-9a-f]{32}$/i.test(paymentSid)) {
    return { route: { view: 'payment', callSid, paymentSid }, form: EMPTY_FORM };
  }
  if (![...given.keys()].some((name) => ['new', 'call', 'amount', 'description'].includes(name))) {
    return { route: { view: 'list' }, form: EMPTY_FORM };
  }
  const kind = value('kind');
  const form: Form = {
    ...EMPTY_FORM,
    call: callSid,
    callSid,
    kind: kind === 'bank' || kind === 'save' ? kind : 'charge',
    amount: value('amount'),
    currency: value('currency').toUpperCase(),
    reference: value('description'),
    language: value('language'),
    holderName: value('name'),
  };
  return { route: { view: 'new' }, form };
}

/** The address of a place; undefined for the form, which keeps the one that filled it in. */
function hashOf(route: Route): string | undefined {
  if (route.view === 'payment') return `#call=${route.callSid}&payment=${route.paymentSid}`;
  return route.view === 'list' ? '' : undefined;
}

/** A page that may frame this one may also hand it a token: a CRM whose user is signed in already. */
function acceptToken(parents: string[], enter: (token: string) => void): void {
  if (window.parent === window) return;
  window.addEventListener('message', ({ source, origin, data }) => {
    if (source !== window.parent || !parents.includes(origin) || !isRecord(data)) return;
    if (data.type === 'desk:token' && typeof data.token === 'string' && data.token) enter(data.token);
  });
  // It tells nothing but that the page is there.
  window.parent.postMessage({ type: 'desk:ready' }, '*');
}

/** Calls back once nothing was pressed or moved for so long. */
function watchIdleness(minutes: number, lock: () => void): void {
  let last = Date.now();
  for (const name of ['pointerdown', 'keydown', 'pointermove'] as const) {
    document.addEventListener(name, () => {
      last = Date.now();
    });
  }
  setInterval(() => {
    if (Date.now() - last > minutes * 60_000) lock();
  }, 5_000);
}

/** What the server wrote into the page; undefined if it is a view inside a chat. */
export function readSettings(): PageSettings | undefined {
  const content = document.querySelector<HTMLMetaElement>('meta[name="desk"]')?.content;
  if (!content) return undefined;
  const given: unknown = JSON.parse(content);
  if (!isRecord(given)) return undefined;
  return {
    account: isRecord(given.account) ? (given.account as unknown as Account) : undefined,
    withToken: given.withToken === true,
    idleMinutes: Number(given.idleMinutes) || 10,
    parents: Array.isArray(given.parents) ? given.parents.map(String) : [],
  };
}
