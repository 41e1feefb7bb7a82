/** What a credential may do: read payments; start, capture and cancel them; complete them. */
export const SCOPES = ['payments:read', 'payments:write', 'payments:charge'] as const;
export type Scope = (typeof SCOPES)[number];

/** Who calls: a name for the log, never the token, and what it may do. */
export interface Principal {
  client: string;
  scopes: readonly Scope[];
}
