/** What a model is told of the server as a whole, before it calls anything. */
export const INSTRUCTIONS = `Take card or bank payments from a caller during a live phone call. The caller types on the phone keypad; you see masks, and the expiration date, which you never repeat.
1. Agree on amount and purpose, then startPaymentCapture with the SID of the caller's own call leg.
2. Call the tool in nextStep (captureCardNumber, captureSecurityCode, captureExpirationDate or another) and say \`say\` after it: what is typed earlier is lost. Then getPaymentStatus with waitSeconds 8 and sinceRevision (the revision of the last answer) until the field is in. If an entry was wrong, the tool's next answer has the whole sentence. While the caller types be silent, but say a word after about 20 seconds.
3. When phase is ready, ask \`say\`. After a clear yes, completePaymentCapture with the chargeAmount, currency and lastFour that you named, then getPaymentStatus until it has ended.
nextStep: a tool to call with the same callSid and paymentSid; wait (getPaymentStatus with waitSeconds); askCaller (say \`say\`: if there is thenCall, call that after the answer or a yes, and ifNo after a no; otherwise the caller answers on the keypad: getPaymentStatus); or done. A new startPaymentCapture takes the same arguments as before and what the caller wants changed. An error says all this on its last lines.
To change the amount: cancelPaymentCapture, then start anew. If the caller wants to stop: cancelPaymentCapture.
If the caller says digits aloud, interrupt: never note, repeat or pass them on. Never repeat any but the last four.
Only result "success" means that it is done: paid if there was an amount, otherwise only a token is saved. Offer the confirmation code; read it out only if wanted.
If an answer is lost, repeat the same call: nothing is charged twice.`;
