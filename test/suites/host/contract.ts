/** The names of the outside contract, written down for the tests: to compare the product with its own lists proves nothing. */

export const TOOLS = [
  'startPaymentCapture',
  'captureCardNumber',
  'captureSecurityCode',
  'captureExpirationDate',
  'capturePostalCode',
  'captureBankRoutingNumber',
  'captureBankAccountNumber',
  'getPaymentStatus',
  'completePaymentCapture',
  'cancelPaymentCapture',
];

export const PROMPTS = [
  'StartCapture',
  'CardNumber',
  'SecurityCode',
  'ExpirationDate',
  'FinishCapture',
  'Completion',
  'Error',
];

/** The parameters that are read of a status callback (https://www.twilio.com/docs/voice/api/payment-resource). */
export const CALLBACK_PARAMETERS = [
  'Capture',
  'PartialResult',
  'Required',
  'ErrorType',
  'PaymentMethod',
  'PaymentCardType',
  'PaymentCardNumber',
  'SecurityCode',
  'ExpirationDate',
  'PaymentCardPostalCode',
  'BankRoutingNumber',
  'BankAccountNumber',
  'Result',
  'PaymentConfirmationCode',
  'PaymentToken',
  'ProfileId',
  'PaymentError',
  'PayErrorCode',
  'ConnectorError',
];
