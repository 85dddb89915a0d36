import { commandDoor } from './command-door.ts';
import { type Door, type Fuzz, fuzzDoor } from './door.ts';
import { createHttpDoor } from './http-door.ts';
import { inputDoor } from './input-door.ts';
import { laneDoor } from './lane-door.ts';
import { createQueueDoor } from './queue-door.ts';
import { settingsDoor } from './settings-door.ts';
import { uploadDoor } from './upload-door.ts';
import { openWireDoor } from './wire-door.ts';

/** Of a hundred cases, how many go to which door. */
export const SHARES = {
  http: 45,
  queue: 20,
  settings: 10,
  command: 10,
  input: 8,
  upload: 3,
  lane: 2,
  wire: 2,
} as const;

export type DoorName = keyof typeof SHARES;
export const DOOR_NAMES = Object.keys(SHARES) as readonly DoorName[];

const run = <T>(door: Door<T>, fuzz: Fuzz): Promise<string | undefined> => fuzzDoor(door, fuzz);

const fuzzWire = async (fuzz: Fuzz): Promise<string | undefined> => {
  const door = await openWireDoor();
  try {
    return await fuzzDoor(door, fuzz);
  } finally {
    await door.close();
  }
};

const FUZZERS: Readonly<Record<DoorName, (fuzz: Fuzz) => Promise<string | undefined>>> = {
  http: (fuzz) => run(createHttpDoor(), fuzz),
  queue: (fuzz) => run(createQueueDoor(), fuzz),
  settings: (fuzz) => run(settingsDoor, fuzz),
  command: (fuzz) => run(commandDoor, fuzz),
  input: (fuzz) => run(inputDoor, fuzz),
  upload: (fuzz) => run(uploadDoor, fuzz),
  lane: (fuzz) => run(laneDoor, fuzz),
  wire: fuzzWire,
};

export const casesOf = (name: DoorName, cases: number): number => Math.round((cases * SHARES[name]) / 100);

/** Sends one door its share of so many cases; answers with the first that was not answered as promised. */
export const fuzzByName = (name: DoorName, { seed, cases }: Fuzz): Promise<string | undefined> =>
  FUZZERS[name]({ seed, cases: casesOf(name, cases) });
