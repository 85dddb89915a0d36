/** A schema asks for more than the simulator can write. */
export class UnableError extends Error {}
