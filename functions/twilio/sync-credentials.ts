interface Settings {
  ACCOUNT_SID: string;
  username: string;
  password: string;
  SYNC_API_KEY?: string | undefined;
  SYNC_API_SECRET?: string | undefined;
}

/** What Sync is asked with. Keys belong to a region: where the Voice API's is another one, Sync needs a key of US1. */
export function syncCredentials({
  ACCOUNT_SID,
  username,
  password,
  SYNC_API_KEY,
  SYNC_API_SECRET,
}: Settings) {
  return {
    accountSid: ACCOUNT_SID,
    username: SYNC_API_KEY ?? username,
    password: SYNC_API_SECRET ?? password,
  };
}
