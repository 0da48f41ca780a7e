import { Log, LogController } from '@annals/service';
import { Module, type DynamicModule } from '@nestjs/common';
import { TransactionsController } from './transactions.controller.js';

/** Transactions: what was ordered, billed, paid and returned. */
@Module({ controllers: [TransactionsController, LogController] })
export class AppModule {
  static on(log: Log): DynamicModule {
    return { module: AppModule, providers: [{ provide: Log, useValue: log }] };
  }
}
