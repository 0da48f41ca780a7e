import { NotYetVisible, ReadModelUnavailable } from '@annals/read-models';
import { Unavailable } from '@annals/service';
import { Injectable, type CallHandler, type ExecutionContext, type NestInterceptor } from '@nestjs/common';
import { catchError, type Observable } from 'rxjs';

/** Says in the service's words that a read model cannot be read now: 503, ask again. */
@Injectable()
export class ReadModelErrors implements NestInterceptor {
  intercept(_: ExecutionContext, next: CallHandler): Observable<unknown> {
    return next.handle().pipe(
      catchError((error: unknown) => {
        if (error instanceof ReadModelUnavailable) throw new Unavailable('read-model-unavailable', `${error.message}; try again.`);
        if (error instanceof NotYetVisible) throw new Unavailable('not-yet-visible', `${error.message}; try again.`);
        throw error;
      }),
    );
  }
}
