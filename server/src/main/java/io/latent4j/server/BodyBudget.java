package io.latent4j.server;

import java.util.concurrent.atomic.AtomicLong;
import org.eclipse.jetty.http.HttpException;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

/**
 * Bounds the bytes of all bodies together that are in memory: those of requests that are not answered yet. Where they are more,
 * the bodies that still come are refused with 503.
 */
final class BodyBudget extends Handler.Wrapper {
    private static final int UNAVAILABLE = 503;
    private static final int SMALL = 64 << 10; // bytes of a body that is read in any case

    private final long most;
    private final AtomicLong held = new AtomicLong();

    /** @param most bytes in all */
    BodyBudget(long most) {
        this.most = most;
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) throws Exception {
        Counted counted = new Counted(request);
        Request.addCompletionListener(request, error -> held.addAndGet(-counted.read.getAndSet(0)));
        return super.handle(counted, response, callback);
    }

    /** A request whose body is counted as it is read. */
    private final class Counted extends Request.Wrapper {
        private final AtomicLong read = new AtomicLong();

        Counted(Request request) {
            super(request);
        }

        @Override
        public Content.Chunk read() {
            Content.Chunk chunk = super.read();
            if (chunk == null || Content.Chunk.isFailure(chunk)) {
                return chunk;
            }
            int bytes = chunk.remaining();
            if (held.addAndGet(bytes) > most && read.get() + bytes > SMALL) {
                held.addAndGet(-bytes);
                chunk.release();
                HttpException.RuntimeException full = new HttpException.RuntimeException(
                        UNAVAILABLE, "the server reads as many bytes as it may; try again later");
                fail(full);
                return Content.Chunk.from(full, true);
            }
            read.addAndGet(bytes);
            return chunk;
        }
    }
}
