import type { Tool } from '../tool.ts';
import { captureCardNumber, captureExpirationDate, captureSecurityCode } from './capture-field.ts';
import { cancelPaymentCapture, completePaymentCapture } from './end-payment.ts';
import { getPaymentStatus } from './get-payment-status.ts';
import { startPaymentCapture } from './start-payment-capture.ts';

/** All tools, in the order in which a payment uses them. */
export const TOOLS: readonly Tool[] = [
  startPaymentCapture,
  captureCardNumber,
  captureSecurityCode,
  captureExpirationDate,
  getPaymentStatus,
  completePaymentCapture,
  cancelPaymentCapture,
];
