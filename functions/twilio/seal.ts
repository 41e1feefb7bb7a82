import { createCipheriv, createDecipheriv, createHmac, hkdfSync } from 'node:crypto';

const CIPHER = 'aes-256-gcm';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
/** Texts are filled up to a multiple of this, so that their length tells little. */
const BLOCK = 64;

/**
 * Makes texts that this service alone can read and make (AES-256-GCM), each for one audience, with a key derived from a
 * secret of the account (HKDF): all instances have it, and a new secret ends what was sealed before. The nonce is made from
 * the text and its audience, so that the same is sealed the same, and no nonce serves two texts.
 */
export function createSeal(secret: string) {
  const keyFor = (use: string) => Buffer.from(hkdfSync('sha256', secret, '', `agent-payments ${use}`, 32));
  return {
    seal(text: string, audience: string): string {
      const filled = text.padEnd(Math.ceil(text.length / BLOCK) * BLOCK);
      const digest = createHmac('sha256', keyFor('nonce'))
        .update(JSON.stringify([audience, filled]))
        .digest();
      const nonce = digest.subarray(0, NONCE_BYTES);
      const cipher = createCipheriv(CIPHER, keyFor('seal'), nonce).setAAD(Buffer.from(audience));
      const sealed = Buffer.concat([nonce, cipher.update(filled), cipher.final()]);
      return Buffer.concat([sealed, cipher.getAuthTag()]).toString('base64url');
    },
    /** The text, without blanks at its end; undefined for what was not sealed here and for this audience. */
    unseal(sealed: string, audience: string): string | undefined {
      const bytes = Buffer.from(sealed, 'base64url');
      const end = bytes.length - TAG_BYTES;
      if (end <= NONCE_BYTES || bytes.toString('base64url') !== sealed) return undefined;
      const decipher = createDecipheriv(CIPHER, keyFor('seal'), bytes.subarray(0, NONCE_BYTES), {
        authTagLength: TAG_BYTES,
      });
      decipher.setAAD(Buffer.from(audience)).setAuthTag(bytes.subarray(end));
      try {
        const text = decipher.update(bytes.subarray(NONCE_BYTES, end));
        return Buffer.concat([text, decipher.final()]).toString().trimEnd();
      } catch {
        return undefined;
      }
    },
  };
}
