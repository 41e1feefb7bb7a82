import {
  CAPTURE_TOOLS,
  type CallInProgress,
  type Capture,
  type Ending,
  type Field,
  type FieldState,
  fieldOf,
  type HistoryEntry,
  type LiveList,
  type Payment,
} from './payment.ts';
import { isRecord, SourceError } from './source.ts';

const text = (value: unknown): string => (typeof value === 'string' ? value : '');
const number = (value: unknown): number => (typeof value === 'number' && Number.isFinite(value) ? value : 0);
const optional = (value: unknown): number | undefined => (typeof value === 'number' ? value : undefined);
const list = (value: unknown): Record<string, unknown>[] =>
  Array.isArray(value) ? value.filter(isRecord) : [];
const texts = (value: unknown): string[] =>
  Array.isArray(value) ? value.filter((one): one is string => typeof one === 'string') : [];
const record = (value: unknown): Record<string, unknown> => (isRecord(value) ? value : {});

const STATES: FieldState[] = ['waiting', 'listening', 'typing', 'refused', 'done'];
const ENDINGS: Ending[] = [
  'paid',
  'saved',
  'canceled',
  'declined',
  'down',
  'refused-data',
  'star',
  'call-ended',
  'too-many',
  'unknown',
  'failed',
];

/** A payment from the server's status. @throws SourceError for anything else. */
export function toPayment(value: unknown): Payment {
  const status = record(value);
  const desk = record(status.desk);
  const callSid = text(status.callSid) || text(desk.callSid);
  const paymentSid = text(status.paymentSid);
  if (!callSid || !paymentSid || !isRecord(status.desk)) throw new SourceError('offline');
  const may = record(desk.may);
  return {
    callSid,
    paymentSid,
    phase: text(status.phase),
    revision: number(status.revision),
    nextStep: text(status.nextStep),
    say: text(status.say),
    language: text(desk.language) || 'en',
    why: text(status.why),
    before: text(desk.before),
    amount: number(status.chargeAmount),
    currency: text(status.currency),
    reference: text(desk.reference),
    paymentMethod: text(status.paymentMethod),
    connector: text(desk.connector),
    cardType: text(status.paymentCardType),
    expirationDate: text(status.expirationDate),
    fields: list(desk.fields).flatMap(toField),
    triesAllowed: number(desk.triesAllowed),
    isExhausted: desk.isExhausted === true,
    isCanceling: desk.isCanceling === true,
    isConfirming: desk.isConfirming === true,
    secondsLeft: optional(desk.secondsLeft),
    timeout: number(desk.timeout),
    completingSeconds: optional(desk.completingSeconds),
    caller: text(desk.caller),
    callSeconds: optional(desk.callSeconds),
    ending: ENDINGS.find((ending) => ending === desk.ending) ?? '',
    confirmationCode: text(status.paymentConfirmationCode),
    token: text(status.paymentToken),
    processorWords: text(desk.processorWords),
    holder: text(desk.holder),
    isMine: desk.isMine === true,
    may: { write: may.write === true, charge: may.charge === true },
    you: text(desk.you),
    history: list(desk.history).map(toEntry),
    updatedAt: Date.parse(text(status.updatedAt)) || 0,
    terms: record(desk.terms),
    startedAt: number(desk.startedAt),
  };
}

function toField(value: Record<string, unknown>): Field[] {
  const name = text(value.name) as Capture;
  if (!Object.hasOwn(CAPTURE_TOOLS, fieldOf(name))) return [];
  const state = STATES.find((known) => known === value.state) ?? 'waiting';
  return [
    { name, state, value: text(value.value), failures: number(value.failures), error: text(value.error) },
  ];
}

const toEntry = (value: Record<string, unknown>): HistoryEntry => ({
  at: number(value.at),
  client: text(value.client),
  action: text(value.action),
  outcome: text(value.outcome),
});

/** The live payments. One that cannot be read is left out: the others are still to be seen. */
export function toLiveList(value: unknown): LiveList {
  const answer = record(value);
  const may = record(answer.may);
  return {
    payments: list(answer.payments).flatMap((one) => {
      try {
        return [toPayment(one)];
      } catch {
        return [];
      }
    }),
    you: text(answer.you),
    may: { write: may.write === true, charge: may.charge === true },
    currencies: texts(answer.currencies),
    languages: texts(answer.languages),
    language: text(answer.language),
  };
}

export function toCalls(value: unknown): CallInProgress[] {
  return list(record(value).calls).map((call) => ({
    callSid: text(call.callSid),
    number: text(call.number),
    seconds: number(call.seconds),
  }));
}
