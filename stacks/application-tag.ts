/** Of everything that is created: what the role that deploys may reach where names say nothing, such as keys. */
export const APPLICATION_TAG = { name: 'Application', value: 'bedrock-request-smoother' } as const;
