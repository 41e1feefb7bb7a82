import {
  CAPTURE_TOOLS,
  type CallInProgress,
  EMPTY_PAYMENT,
  type Field,
  fieldOf,
  type HistoryEntry,
  type LiveList,
  type Payment,
} from './payment.ts';
import { isRecord, SourceError } from './source.ts';

type Json = Record<string, unknown>;

/** A value with the members of another one: each is taken if its type is the same, else it stays as it is there. */
function like<T extends object>(example: T, given: Json): T {
  const entries = Object.entries(example).map(([name, value]) => {
    const is = given[name];
    const fits = typeof is === typeof value && Array.isArray(is) === Array.isArray(value);
    return [name, fits ? is : value];
  });
  return Object.fromEntries(entries) as T;
}

const records = (value: unknown): Json[] => (Array.isArray(value) ? value.filter(isRecord) : []);
const record = (value: unknown): Json => (isRecord(value) ? value : {});

const FIELD: Field = { name: 'payment-card-number', state: 'waiting', value: '', failures: 0, error: '' };
const ENTRY: HistoryEntry = { at: 0, client: '', action: '', outcome: '' };
const CALL: CallInProgress = { callSid: '', number: '', seconds: 0 };
const MAY = EMPTY_PAYMENT.may;

/** A payment from the server's status. @throws SourceError for anything else. */
export function toPayment(value: unknown): Payment {
  const status = record(value);
  const desk = record(status.desk);
  const payment = like(EMPTY_PAYMENT, {
    ...status,
    ...desk,
    amount: status.chargeAmount,
    cardType: status.paymentCardType,
    confirmationCode: status.paymentConfirmationCode,
    token: status.paymentToken,
    updatedAt: Date.parse(String(status.updatedAt)) || 0,
  });
  if (!payment.callSid || !payment.paymentSid || !isRecord(status.desk)) throw new SourceError('offline');
  return {
    ...payment,
    may: like(MAY, record(desk.may)),
    fields: records(desk.fields)
      .map((field) => like(FIELD, field))
      .filter(({ name }) => Object.hasOwn(CAPTURE_TOOLS, fieldOf(name))),
    history: records(desk.history).map((entry) => like(ENTRY, entry)),
  };
}

const EMPTY_LIST: LiveList = {
  payments: [],
  you: '',
  may: MAY,
  currencies: [],
  languages: [],
  language: '',
};

/** The live payments. One that cannot be read is left out: the others are still to be seen. */
export function toLiveList(value: unknown): LiveList {
  const list = record(value);
  return {
    ...like(EMPTY_LIST, list),
    may: like(MAY, record(list.may)),
    payments: records(list.payments).flatMap((one) => {
      try {
        return [toPayment(one)];
      } catch {
        return [];
      }
    }),
  };
}

export function toCalls(value: unknown): CallInProgress[] {
  return records(record(value).calls).map((call) => like(CALL, call));
}
