import { delay } from '@im/common/utils/wait.ts';
import { Admin } from '@platformatic/kafka';

/** Milliseconds one call may take. */
const CALL_MS = 10_000;
/** Milliseconds that a topic which was deleted may stay away. */
const BACK_MS = 60_000;
const LOOK_EVERY_MS = 200;
/** Of the topic when an operator makes it. */
const PARTITIONS = 16;

export function deleteTopic(broker: string, topic: string): Promise<void> {
  return asAdmin(broker, async (admin) => {
    await admin.deleteTopics({ topics: [topic] });
  });
}

/** Makes it, or finds that somebody has. */
export async function makeTopic(broker: string, topic: string): Promise<void> {
  try {
    await asAdmin(broker, async (admin) => {
      await admin.createTopics({ topics: [topic], partitions: PARTITIONS, replicas: 1 });
    });
  } catch (error) {
    if (!(await hasTopic(broker, topic))) throw error;
  }
}

/** Resolves when somebody has made it. */
export async function untilTopic(broker: string, topic: string): Promise<void> {
  for (const giveUpAt = performance.now() + BACK_MS; !(await hasTopic(broker, topic)); ) {
    if (performance.now() > giveUpAt) throw new Error(`nobody has made the topic ${topic} again`);
    await delay(LOOK_EVERY_MS);
  }
}

function hasTopic(broker: string, topic: string): Promise<boolean> {
  return asAdmin(broker, async (admin) => (await admin.listTopics()).includes(topic));
}

async function asAdmin<T>(broker: string, work: (admin: Admin) => Promise<T>): Promise<T> {
  const admin = new Admin({ clientId: 'operator', bootstrapBrokers: [broker], timeout: CALL_MS, retries: 3 });
  try {
    return await work(admin);
  } finally {
    await admin.close();
  }
}
