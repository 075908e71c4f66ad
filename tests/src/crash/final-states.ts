import { recordHistory } from '@im/common/testing/checker/record-history.ts';
import type { RecordedDevice } from '@im/common/testing/checker/recorded-device.ts';
import type { Recorder } from '@im/common/testing/checker/recorder.ts';
import type { Person } from './people.ts';

/** Records what everybody has in the end: their devices after a sync, a new device, and history by range. */
export async function recordFinalStates(
  recorder: Recorder,
  people: readonly Person[],
  latecomers: readonly RecordedDevice[],
): Promise<void> {
  const devices = [...people.flatMap((person) => person.devices), ...latecomers];
  await Promise.all(
    devices.map(async (recorded) => {
      await recorded.device.connect();
      await recorded.device.sync();
      recorded.recordDisplayed();
      recorded.recordState('copy');
    }),
  );
  await Promise.all(
    people.map(async (person) => {
      const fresh = await person.device('fresh');
      await fresh.device.connect();
      fresh.recordDisplayed();
      fresh.recordState('fresh');
      await fresh.device.close();
      const reader = { device: `${person.name}-reader`, uid: person.uid, client: await person.client() };
      for (const id of [...person.conversations, `n:${person.uid}`])
        await recordHistory(recorder, reader, id);
    }),
  );
}
