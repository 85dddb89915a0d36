/** What a call is made of once it is about to leave: for those who sign it. */
export interface OutgoingCall {
  readonly method: 'GET' | 'POST';
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
}

/** Further headers, made of the call itself, each time it is tried. */
export type SignCall = (call: OutgoingCall) => Promise<Readonly<Record<string, string>>>;
