/**
 * Images in the place of the public ones, for where no registry of images can be reached: the real
 * programs out of other packages. `tests/containers/compose.stand-ins.yaml` puts them in.
 */
import { copyFileSync, cpSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { KAFKA_VERSION, kafkaJars } from '../engines/kafka-jars.ts';
import { PROJECT_DIR } from '../load/runtime-command.ts';
import { build, importDebian, isThere } from './base-images.ts';
import type { Docker } from './docker.ts';

/** Of Debian 12: Java 17 for Kafka, Redis 7.0, Prometheus 2.42, and what healthchecks ask with. */
const PACKAGES = ['openjdk-17-jre-headless', 'prometheus', 'redis-server', 'wget'];

export async function makeStandIns(docker: Docker): Promise<void> {
  const names = ['kafka', 'redis', 'prometheus'];
  const there = await Promise.all(names.map((name) => isThere(docker, `helios-test/${name}`)));
  if (there.every((one) => one)) return;
  const debian = await importDebian(docker, 'stand-ins', PACKAGES);
  await build(docker, 'helios-test/kafka', async (context) => {
    const { classPath } = await kafkaJars();
    cpSync(dirname(classPath), join(context, 'libs'), { recursive: true });
    copyFileSync(join(PROJECT_DIR, 'tests/containers/kafka.sh'), join(context, 'kafka.sh'));
    return kafkaDockerfile(debian);
  });
  // Users and folders as in the public images.
  await build(docker, 'helios-test/redis', () =>
    Promise.resolve(`FROM ${debian}
RUN install -d -o 999 -g 1000 /data
WORKDIR /data
`));
  await build(docker, 'helios-test/prometheus', () =>
    Promise.resolve(`FROM ${debian}
RUN install -d -o 65534 -g 65534 /prometheus
ENTRYPOINT ["prometheus"]
`));
}

function kafkaDockerfile(debian: string): string {
  return `FROM ${debian}
LABEL kafka=${KAFKA_VERSION}
COPY libs /opt/kafka/libs
COPY --chmod=755 kafka.sh /
RUN useradd --uid 1000 appuser && install -d -o 1000 /var/lib/kafka/data /opt/kafka/config
USER 1000
CMD ["/kafka.sh"]
`;
}
