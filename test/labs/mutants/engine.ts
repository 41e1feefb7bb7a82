// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the texts are code, as it stands in the product
import type { Faulty } from './faulty.ts';

/** Faults of the state engine that take so special a turn that the explorer does not find them in thousands of schedules. */
export const ENGINE: readonly Faulty[] = [
  {
    file: 'functions/payments/commands/judge-call.ts',
    suites: ['stories/second-payments', 'payments/races'],
    faults: [
      [
        'what else was charged on the call does not keep a completion back',
        'if (!ledger || attemptOf(ledger, paymentSid)?.anotherPayment) return;',
        'if (ledger || !ledger) return;',
      ],
    ],
  },
  {
    file: 'functions/payments/commands/load-and-change.ts',
    suites: ['payments/races'],
    faults: [
      [
        'a refusal counts for what was asked since as well',
        'return isOnlyOne ? { ...ending, refused: ask } : ending;',
        'return { ...ending, refused: ending.asked };',
      ],
    ],
  },
  {
    file: 'functions/payments/commands/capture.ts',
    suites: ['stories/captures', 'payments/races', 'stories/taking-over', 'stories/requests'],
    faults: [
      [
        'Twilio is asked to capture beside the write of what was kept',
        'const isFirst = session.fields[capture] === undefined && stored.seenAt === undefined;',
        'const isFirst = session.fields[capture] === undefined;',
      ],
      [
        'a field that was kept is good for asking again',
        'return kept.data.fields[capture] === undefined;',
        'return true;',
      ],
      [
        'a field that is open is asked for again under its old number',
        'command = isFirst && current.command === session.command ? expected : nextCommand(current);',
        "const known = current.fields[capture];\n    command = known?.state === 'asked' ? known.command : nextCommand(current);",
      ],
    ],
  },
  {
    file: 'functions/payments/commands/record-callback.ts',
    suites: ['stories/callbacks', 'stories/second-payments', 'payments/races', 'stories/requests'],
    faults: [
      [
        'each mask is stored, however many come at the same moment',
        'if (session && typing?.isOutdone()) return session;',
        '',
      ],
      [
        'the callback of a start is taken although the ledger of its call is lost sight of',
        'if (number !== undefined && !ledger) throw',
        'if (number !== undefined && !number) throw',
      ],
      [
        'a document that has expired is made anew without its completion',
        'newSession({ paymentSid, callSid: legSid, parentCallSid }, isCharged);',
        'newSession({ paymentSid, callSid: legSid, parentCallSid });',
      ],
    ],
  },
  {
    file: 'functions/payments/commands/survey-call.ts',
    suites: ['payments/survey-call', 'stories/second-payments'],
    faults: [
      [
        'a payment whose document has expired lives again',
        'const mayHaveExpired = isCharged || ',
        'const mayHaveExpired = isCharged && ',
      ],
      [
        'one that was never about to be charged, and has expired, may have been charged',
        'stored !== undefined || ledger.charges.includes(paymentSid)',
        "paymentSid !== ''",
      ],
      ['all that have expired live again', 'if (isLive && lost) lost.stored', 'if (lost) lost.stored'],
    ],
  },
  {
    file: 'functions/payments/commands/take-over.ts',
    suites: ['stories/auditing'],
    faults: [
      [
        'any take-over is told as this one',
        "entry.action === 'take-over' && entry.client === client.name && entry.at === at",
        "entry.action === 'start'",
      ],
    ],
  },
  {
    file: 'functions/payments/commands/start.ts',
    suites: ['stories/starting', 'payments/races', 'stories/second-payments'],
    faults: [
      [
        'a start asks under the terms of another one',
        'if (isMine && sameTerms(newest.terms, terms))',
        'if (isMine)',
      ],
      [
        'a start asks under another attempt with its own terms',
        'paymentSid = await ports.gateway.start({ callSid, terms, attempt, idempotencyKey });',
        'paymentSid = await ports.gateway.start({ callSid, terms: start.terms, attempt, idempotencyKey });',
      ],
      [
        'a repeated start may be answered with a payment that has ended',
        'if (isOwn && isLive(stored.data, ports.clock.now())) return { stored, reused: false };',
        'if (isOwn) return { stored, reused: false };',
      ],
    ],
  },
  {
    file: 'functions/payments/commands/cancel.ts',
    suites: ['stories/endings', 'payments/races'],
    faults: [
      [
        'a cancel has the same key each time',
        'idempotencyKey: `cancel-${paymentSid}-${canceling.asked}`,',
        'idempotencyKey: `cancel-${paymentSid}`,',
      ],
    ],
  },
  {
    file: 'functions/payments/commands/read-status.ts',
    suites: ['stories/endings'],
    faults: [
      [
        'a status is withheld if its own note cannot be written',
        'return change(ports, stored, ended).catch(() => ({ ...stored, data: ended(session) }));',
        'return change(ports, stored, ended);',
      ],
    ],
  },
  {
    file: 'functions/twilio/sync-store.ts',
    suites: ['twilio/sync-store'],
    faults: [
      [
        'a write does not renew the time to live',
        'update({ data, ttl: ttlOf(data), ifMatch })',
        'update({ data, ifMatch })',
      ],
    ],
  },
];
