/** A fault put into the product on purpose: the text is replaced where it stands, and must stand there exactly once. */
export interface Mutant {
  name: string;
  file: string;
  find: string;
  put: string;
}

export const COMMANDS = 'functions/payments/commands';
export const SESSION = 'functions/payments/session';
