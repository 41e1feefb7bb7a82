import type { Tool } from '../define-tool.ts';
import {
  captureBankAccountNumber,
  captureBankRoutingNumber,
  captureCardNumber,
  captureExpirationDate,
  capturePostalCode,
  captureSecurityCode,
} from './capture-field.ts';
import { cancelPaymentCapture, completePaymentCapture } from './end-payment.ts';
import { getPaymentStatus } from './get-payment-status.ts';
import { startPaymentCapture } from './start-payment-capture.ts';

/** All tools, in the order in which a payment uses them. */
export const TOOLS: readonly Tool[] = [
  startPaymentCapture,
  captureCardNumber,
  captureSecurityCode,
  captureExpirationDate,
  capturePostalCode,
  captureBankRoutingNumber,
  captureBankAccountNumber,
  getPaymentStatus,
  completePaymentCapture,
  cancelPaymentCapture,
];

/** The tool of that name; undefined if there is none. */
export function toolNamed(name: unknown): Tool | undefined {
  return TOOLS.find((tool) => tool.name === name);
}
