/** Apache Kafka as it is published: its jars, by Maven, and a Java that runs them. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { cached } from './cache.ts';
import { lastLines, runTool } from './run-tool.ts';

export const KAFKA_VERSION = '4.1.1';
const JAVA_LEAST = 17;

/** The program and the class path; the first call fetches 43 MB. */
export async function kafkaJars(): Promise<{ java: string; classPath: string }> {
  const java = await findJava();
  const folder = await cached(`kafka-${KAFKA_VERSION}`, fetchJars);
  return { java, classPath: join(folder, 'libs', '*') };
}

async function findJava(): Promise<string> {
  const home = process.env['JAVA_HOME'];
  const java = home ? join(home, 'bin', 'java') : 'java';
  const { code, output } = await runTool(java, ['-version']);
  const version = Number(/version "(\d+)/.exec(output)?.[1] ?? 0);
  if (code === 0 && version >= JAVA_LEAST) return java;
  const found = code === 0 ? `${java} is version ${version}` : `${java} does not run`;
  throw new Error(
    `Kafka needs Java ${JAVA_LEAST} or newer, and ${found}: ` +
      'install it (Debian: apt-get install openjdk-17-jre-headless)',
  );
}

async function fetchJars(folder: string): Promise<void> {
  console.error(`Fetching Apache Kafka ${KAFKA_VERSION} (43 MB); this happens once`);
  writeFileSync(join(folder, 'pom.xml'), POM);
  const { code, output } = await runTool('mvn', [
    '--batch-mode',
    '--quiet',
    'org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy-dependencies',
    '-DincludeScope=runtime',
    '-DoutputDirectory=libs',
  ], { cwd: folder });
  if (code === undefined) {
    throw new Error(
      'Kafka is fetched by Maven, and mvn is missing: install it (Debian: apt-get install maven)',
    );
  }
  if (code !== 0) throw new Error(`Cannot fetch Kafka: Maven says\n${lastLines(output)}`);
}

/** The binding prints what goes wrong; the one Kafka's own scripts use writes files by a configuration. */
const POM = `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>helios</groupId>
  <artifactId>engines</artifactId>
  <version>1</version>
  <packaging>pom</packaging>
  <dependencies>
    <dependency>
      <groupId>org.apache.kafka</groupId>
      <artifactId>kafka_2.13</artifactId>
      <version>${KAFKA_VERSION}</version>
    </dependency>
    <dependency>
      <groupId>org.slf4j</groupId>
      <artifactId>slf4j-simple</artifactId>
      <version>1.7.36</version>
    </dependency>
  </dependencies>
</project>
`;
