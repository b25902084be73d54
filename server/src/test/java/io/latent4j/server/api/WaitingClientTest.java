package io.latent4j.server.api;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.eclipse.jetty.io.ByteArrayEndPoint;
import org.junit.jupiter.api.Test;

final class WaitingClientTest {
    private final ByteArrayEndPoint connection = new ByteArrayEndPoint();
    private final AtomicInteger gone = new AtomicInteger();

    private WaitingClient client() {
        return WaitingClient.at(connection, gone::incrementAndGet);
    }

    @Test
    void noticesThatAClientGoes() {
        WaitingClient client = client();
        connection.addInputEOF();
        assertThat(gone).hasValue(1);
        assertThat(client.end()).isFalse();
    }

    @Test
    void isStillThereWhenTheAnswerIs() {
        WaitingClient client = client();
        assertThat(client.end()).isFalse();
        assertThat(connection.isFillInterested()).isFalse(); // or Jetty would give the connection up
        connection.addInputEOF();
        assertThat(gone).hasValue(0);
    }

    @Test
    void tellsThatAClientHasSentMore() {
        WaitingClient client = client();
        connection.addInput("GET / HTTP/1.1");
        assertThat(gone).hasValue(0);
        assertThat(client.end()).isTrue();
    }

    @Test
    void waitsOnWhereNothingComesForLong() {
        client();
        connection.getFillInterest().onFail(new TimeoutException());
        assertThat(gone).hasValue(0);
        connection.addInputEOF();
        assertThat(gone).hasValue(1);
    }

    @Test
    void noticesThatAConnectionBreaks() {
        client();
        connection.getFillInterest().onFail(new java.io.IOException("it is reset"));
        assertThat(gone).hasValue(1);
    }
}
