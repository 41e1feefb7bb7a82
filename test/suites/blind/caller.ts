import { readdirSync, readFileSync } from 'node:fs';
import type { Sentence } from '../../../functions/payments/advice/sentences.ts';
import type { Caller, SimulatedCall } from '../../simulator/index.ts';

/** What the caller types when asked for something, or does in its place. */
export type Reaction = string | ((caller: Caller) => Promise<unknown>);

/** What the caller does each time that they are asked for a field or hear another sentence, the last one for ever; by their names. */
export type Habits = Record<string, Reaction | readonly Reaction[]>;

/** What Twilio listens for while it has the caller confirm by a key. */
export const CONFIRMATION = 'confirmation';

export const typesNothing = (caller: Caller) => caller.typesNothing();
export const hangsUp = (caller: Caller) => caller.hangsUp();
export const pressesStar = (caller: Caller) => caller.pressesStar();
/** Not even Twilio hears of it. */
export const keepsSilent = async () => undefined;

/** Types the first keys, and then does something else. */
export const beginsAnd =
  (keys: string, then: (caller: Caller) => Promise<unknown>): Reaction =>
  async (caller) => {
    await caller.types(keys);
    await then(caller);
  };

/** A caller who types everything right. */
export const USUAL: Readonly<Record<string, string>> = {
  'payment-card-number': '4242424242424242',
  'security-code': '123',
  'expiration-date': '1230',
  'postal-code': '94105',
  'bank-routing-number': '110000000',
  'bank-account-number': '000123456789',
  [CONFIRMATION]: '1',
};

/** What these are called in a transcript. */
const WORDS: Record<string, string> = {
  typesNothing: 'types nothing',
  hangsUp: 'hangs up',
  pressesStar: 'presses *',
  keepsSilent: 'does nothing',
};

/** All sentences in all languages, longest first, each as a pattern that what an agent says may begin with. */
const SENTENCES = readdirSync(new URL('../../../assets/prompts/', import.meta.url))
  .filter((file) => file.startsWith('sentences.'))
  .flatMap((file) => {
    const text = readFileSync(new URL(`../../../assets/prompts/${file}`, import.meta.url), 'utf8');
    return Object.entries(JSON.parse(text) as Record<Sentence, string>);
  })
  .sort(([, a], [, b]) => b.length - a.length)
  .map(([name, words]) => {
    const literal = words.replace(/[.*+?^$()[\]\\|]/g, '\\$&');
    return { name, pattern: new RegExp(`^${literal.replace(/\{(?:amount|digits)\}/g, '[^?？]+?')} ?`) };
  });

/** The names of the sentences that were said, in their order. */
export function sentencesOf(words: string): string[] {
  if (!words) return [];
  for (const { name, pattern } of SENTENCES) {
    const [said] = pattern.exec(words) ?? [];
    if (said) return [name, ...sentencesOf(words.slice(said.length))];
  }
  throw new Error(`The caller does not understand: ${words}`);
}

/** Sentences after which the caller types what Twilio listens for, because what they typed was not right. */
const ASKS_AGAIN = /^(?:again\.|error\.invalid-)/;

/** A person who does what the agent tells them, and nothing else: it is the words that they go by. */
export class ObedientCaller {
  readonly heard: string[] = [];
  readonly #call: SimulatedCall;
  readonly #caller: Caller;
  readonly #habits: Habits;
  readonly #times = new Map<string, number>();
  readonly #pressed: string[] = [];
  readonly #typed = new Map<string, string>();
  readonly #onAction: (action: string) => void;

  constructor(call: SimulatedCall, caller: Caller, habits: Habits, onAction: (action: string) => void) {
    this.#call = call;
    this.#caller = {
      callSid: caller.callSid,
      types: (keys, options) => {
        this.#pressed.push(keys.replace(/\D/g, ''));
        return caller.types(keys, options);
      },
      waitsFor: (field, timeoutMs) => caller.waitsFor(field, timeoutMs),
      typesNothing: () => caller.typesNothing(),
      pressesStar: () => caller.pressesStar(),
      hangsUp: () => caller.hangsUp(),
    };
    this.#habits = { ...USUAL, ...habits };
    this.#onAction = onAction;
  }

  /** The numbers that the caller typed, as far as they are so long that they can't be anything else where they turn up. */
  get secrets(): string[] {
    return this.#pressed.filter((keys) => keys.length >= 12).map((keys) => keys.slice(0, 16));
  }

  async hears(words: string): Promise<void> {
    const sentences = sentencesOf(words);
    this.heard.push(sentences.join(' '));
    if (this.#call.status !== 'in-progress') return;
    const last = sentences.at(-1) ?? '';
    const [, asked] = /^ask\.(.+)/.exec(last) ?? [];
    if (asked && asked !== 'account-holder') await this.#react(asked);
    else if (ASKS_AGAIN.test(last) && !words.endsWith('?')) {
      const { listeningFor } = await this.#caller.types('');
      if (!listeningFor) throw new Error(`The caller was told "${words}", but Twilio listens for nothing`);
      await this.#react(listeningFor);
    } else if (last === 'press-to-confirm') await this.#react(CONFIRMATION);
    else if (this.#habits[last]) await this.#react(last);
  }

  /** Acts without being asked. */
  async does(reaction: Exclude<Reaction, string>): Promise<void> {
    this.#onAction(WORDS[reaction.name] ?? 'does something else');
    await reaction(this.#caller);
  }

  async #react(asked: string): Promise<void> {
    const reaction = this.#reactionTo(asked);
    if (typeof reaction !== 'string') return this.does(reaction);
    this.#typed.set(asked, reaction);
    this.#onAction(`types ${reaction.length} ${reaction.length === 1 ? 'key' : 'digits'}`);
    const { field, listeningFor } = await this.#caller.types(reaction);
    if (field !== asked)
      throw new Error(`The caller was asked for ${asked}, but Twilio listened for ${field}`);
    if (listeningFor !== asked) return;
    this.#onAction('presses #');
    await this.#caller.types('#');
  }

  /** A second entry is the first one again, where nothing else is said. */
  #reactionTo(asked: string): Reaction {
    const time = this.#times.get(asked) ?? 0;
    this.#times.set(asked, time + 1);
    const habit = this.#habits[asked] ?? this.#typed.get(asked.replace(/-matcher$/, ''));
    const reaction = Array.isArray(habit) ? habit[Math.min(time, habit.length - 1)] : habit;
    if (reaction === undefined) throw new Error(`The caller does not know what to type for ${asked}`);
    return reaction as Reaction;
  }
}
