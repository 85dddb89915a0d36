/** What to do where nobody can sign. */
export const CREDENTIALS_REMEDY =
  'Set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or sign in with `aws login` or `aws sso login`.';
