import { etcdImage } from './etcd.ts';
import type { Image } from './image.ts';
import { kafkaImage } from './kafka.ts';
import { mysqlImage } from './mysql.ts';
import { ownImage } from './own.ts';
import { redisImage } from './redis.ts';

const IMAGES: Readonly<Record<string, Image>> = {
  mysql: mysqlImage,
  redis: redisImage,
  'apache/kafka': kafkaImage,
  'quay.io/coreos/etcd': etcdImage,
  'im-backend': ownImage,
};

/** What plays an image, whatever its tag. Throws for one that nothing plays. */
export function imageNamed(name: string): Image {
  const image = IMAGES[name.replace(/:[\w.-]+$/, '')];
  if (image === undefined) throw new Error(`there is nothing on this machine that plays the image ${name}`);
  return image;
}
