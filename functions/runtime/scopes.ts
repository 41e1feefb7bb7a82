/** What a credential may do with its own payments: read them; start, capture and cancel them; complete them. */
export const OWN_SCOPES = ['payments:read', 'payments:write', 'payments:charge'] as const;
/** All scopes: the last one opens the payments of all others, as far as the first three go. */
export const SCOPES = [...OWN_SCOPES, 'payments:any'] as const;
export type Scope = (typeof SCOPES)[number];

/** Who calls: a name for the log, never the token, and what it may do. */
export interface Principal {
  client: string;
  /** With OAuth: the program that the person uses, by the id that the issuer knows it by. It decides nothing. */
  clientId?: string;
  scopes: readonly Scope[];
}
