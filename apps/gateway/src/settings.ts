/** What the gateway knows of its deployment. */
export class Settings {
  constructor(
    readonly demo: boolean,
    /** Where everything is kept, where that is one directory of this machine. */
    readonly dataDirectory: string | null,
    /** The zone in which pages show times. */
    readonly timeZone: string,
    /** Of the Kafka that the services publish to and read from, where there is one. */
    readonly brokers: readonly string[] | null,
  ) {}
}
