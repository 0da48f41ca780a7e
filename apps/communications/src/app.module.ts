import { Log, LogController } from '@annals/service';
import { Module, type DynamicModule } from '@nestjs/common';
import { CommunicationsController } from './communications.controller.js';

/** Communications: what was said, on whatever channel, and whom it concerns. */
@Module({ controllers: [CommunicationsController, LogController] })
export class AppModule {
  static on(log: Log): DynamicModule {
    return { module: AppModule, providers: [{ provide: Log, useValue: log }] };
  }
}
