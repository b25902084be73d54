package io.latent4j.server.api;

import io.javalin.http.Context;
import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeoutException;
import org.eclipse.jetty.ee10.servlet.ServletContextRequest;
import org.eclipse.jetty.io.AbstractEndPoint;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.util.BufferUtil;
import org.eclipse.jetty.util.Callback;

/**
 * Notices that a client closes its connection while it waits for an answer. Jetty does not read from a connection meanwhile, so
 * this does: nothing comes from a client that waits, but the end of its side. One that sends its next request already loses
 * that, and is told so by {@code Connection: close}.
 */
final class WaitingClient implements Callback {
    private final AbstractEndPoint connection;
    private final Runnable gone;
    private boolean ended;
    private boolean sendsMore;

    private WaitingClient(AbstractEndPoint connection, Runnable gone) {
        this.connection = connection;
        this.gone = gone;
    }

    /**
     * The answer, while the client is watched.
     *
     * @param gone what to do if the client goes before the answer is there
     * @param answer must not be sent before the result of this is there
     */
    static <T> CompletableFuture<T> watch(Context context, Runnable gone, CompletableFuture<T> answer) {
        EndPoint connection = ServletContextRequest.getServletContextRequest(context.req())
                .getConnectionMetaData()
                .getConnection()
                .getEndPoint();
        if (!(connection instanceof AbstractEndPoint watched)) {
            return answer;
        }
        WaitingClient client = at(watched, gone);
        return answer.whenComplete((result, error) -> {
            if (client.end()) {
                context.header("Connection", "close");
            }
        });
    }

    /** Watches the client at the other end of a connection. */
    static WaitingClient at(AbstractEndPoint connection, Runnable gone) {
        WaitingClient client = new WaitingClient(connection, gone);
        connection.tryFillInterested(client);
        return client;
    }

    /** There is something to read. */
    @Override
    public void succeeded() {
        if (isGone()) {
            gone.run();
        }
    }

    /** Reads; returns whether this is the end. */
    private synchronized boolean isGone() {
        if (ended) {
            return false;
        }
        try {
            int read = connection.fill(BufferUtil.allocate(1));
            if (read == 0) {
                connection.tryFillInterested(this);
            }
            sendsMore = read > 0;
            return read < 0;
        } catch (IOException e) {
            return true;
        }
    }

    /** The connection is closed, or nothing came for long. */
    @Override
    public void failed(Throwable reason) {
        boolean lost;
        synchronized (this) {
            lost = !ended && !(reason instanceof TimeoutException);
            if (!ended && !lost && connection.isOpen()) {
                connection.tryFillInterested(this);
            }
        }
        if (lost) {
            gone.run();
        }
    }

    @Override
    public InvocationType getInvocationType() {
        return InvocationType.BLOCKING;
    }

    /** Reads no more; returns whether something was read. */
    boolean end() {
        synchronized (this) {
            ended = true;
        }
        connection.getFillInterest().onFail(new ClosedChannelException());
        synchronized (this) {
            return sendsMore;
        }
    }
}
