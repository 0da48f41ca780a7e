import { Log, LogController } from '@annals/service';
import { Module, type DynamicModule } from '@nestjs/common';
import { ChangesController } from './changes.controller.js';
import { CustomersController } from './customers.controller.js';

/** Customers: who they are, and how to reach them. */
@Module({ controllers: [CustomersController, ChangesController, LogController] })
export class AppModule {
  static on(log: Log): DynamicModule {
    return { module: AppModule, providers: [{ provide: Log, useValue: log }] };
  }
}
