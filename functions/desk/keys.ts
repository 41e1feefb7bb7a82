import type { Action, Model } from './model.ts';
import { paymentScreen } from './payment-screen.ts';
import type { Button } from './screen.ts';

const CONTROLS = 'input, select, textarea, button, a, summary';
const INPUTS = 'input, select, textarea';

/** What a key does where it was pressed; undefined if it is not the desk's. */
export function actionOf(event: KeyboardEvent, model: Model): Action | undefined {
  if (event.repeat || event.isComposing || event.altKey || event.metaKey) return undefined;
  const target = event.target instanceof Element ? event.target : undefined;
  const { key } = event;
  if (model.isSheetOpen) return key === 'Escape' || key === '?' ? { do: 'keys' } : undefined;
  if (key === 'Escape') return escapeOf(model);
  const buttons = buttonsOf(model);
  if (key === 'Enter') {
    const [primary] = buttons;
    if (!primary) return undefined;
    // A charge takes two keys at once, so that the rhythm of Enter, Enter, Enter does not charge.
    if (primary.action.do === 'charge') return event.ctrlKey ? primary.action : undefined;
    return event.ctrlKey || target?.matches(CONTROLS) ? undefined : primary.action;
  }
  if (event.ctrlKey || !model.hasShortcuts || target?.matches(INPUTS)) return undefined;
  if (key === '?') return { do: 'keys' };
  if (/^[1-9]$/.test(key)) return againOf(model, Number(key));
  const pressed = key.toUpperCase();
  const named = buttons.find((button) => button?.key === pressed);
  if (named) return named.action;
  const mayAdd = !model.isChat && model.isSignedIn && model.route.view !== 'new' && model.list?.may.write;
  return pressed === 'N' && mayAdd ? { do: 'new' } : undefined;
}

/** The primary button, unless nothing is to be pressed there, and the other one. */
function buttonsOf(model: Model): (Button | undefined)[] {
  const { payment, route, isSignedIn, door } = model;
  if (!isSignedIn) return door?.withAccount ? [{ text: '', action: { do: 'sign-in' } }] : [];
  if (route.view === 'list') return model.list?.may.write ? [{ text: '', action: { do: 'new' } }] : [];
  if (route.view === 'new' || !payment) return [];
  const { primary, secondary } = paymentScreen(model, payment);
  return [primary, secondary].map((one) => (one && 'action' in one ? one : undefined));
}

/** Esc goes back one step; it asks before it cancels. */
function escapeOf(model: Model): Action | undefined {
  const { payment, route, ask, isChat } = model;
  if (ask) return { do: 'keep' };
  if (route.view === 'new') return { do: 'list' };
  if (route.view !== 'payment' || !payment) return undefined;
  const { secondary } = paymentScreen(model, payment);
  if (secondary && 'action' in secondary && secondary.key === 'Esc') return secondary.action;
  return isChat ? undefined : { do: 'list' };
}

function againOf(model: Model, place: number): Action | undefined {
  const { payment, route } = model;
  if (route.view !== 'payment' || !payment) return undefined;
  const { body } = paymentScreen(model, payment);
  return body.kind === 'rows' ? body.rows[place - 1]?.again : undefined;
}
