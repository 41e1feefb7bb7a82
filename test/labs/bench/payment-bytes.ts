import type { BenchRun } from './bench-run.ts';

/** What a model reads during one payment: start, three captures, three status reads, complete, the last status. */
export async function takePayment({ simulator, result }: BenchRun): Promise<number> {
  const call = simulator.placeCall();
  const caller = simulator.caller(call.sid);
  let bytes = 0;
  const read = async (tool: string, args: Record<string, unknown>) => {
    const text = await result(tool, { callSid: call.sid, ...args });
    bytes += text.length;
    return JSON.parse(text) as { structuredContent: { paymentSid: string } };
  };
  const { paymentSid } = (await read('startPaymentCapture', { chargeAmount: 12.5, paymentSid: undefined }))
    .structuredContent;
  for (const [tool, digits] of [
    ['captureCardNumber', '4242424242424242'],
    ['captureSecurityCode', '123'],
    ['captureExpirationDate', '1230'],
  ] as const) {
    await read(tool, { paymentSid });
    await caller.types(digits);
    await simulator.settled();
    await read('getPaymentStatus', { paymentSid });
  }
  await read('completePaymentCapture', { paymentSid });
  await simulator.settled();
  await read('getPaymentStatus', { paymentSid });
  return bytes;
}
