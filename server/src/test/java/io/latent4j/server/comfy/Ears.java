package io.latent4j.server.comfy;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.latent4j.server.RunningServer;
import java.io.ByteArrayOutputStream;
import java.net.URI;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** What a socket hears: messages, and {@code preview} for bytes. */
final class Ears implements WebSocket.Listener {
    private final BlockingQueue<JsonObject> messages = new LinkedBlockingQueue<>();
    final List<byte[]> previews = new ArrayList<>();
    private final StringBuilder text = new StringBuilder();
    private final ByteArrayOutputStream binary = new ByteArrayOutputStream();

    @Override
    public CompletionStage<?> onText(WebSocket socket, CharSequence data, boolean last) {
        text.append(data);
        if (last) {
            messages.add(JsonParser.parseString(text.toString()).getAsJsonObject());
            text.setLength(0);
        }
        socket.request(1);
        return null;
    }

    @Override
    public CompletionStage<?> onBinary(WebSocket socket, ByteBuffer data, boolean last) {
        byte[] part = new byte[data.remaining()];
        data.get(part);
        binary.writeBytes(part);
        if (last) {
            synchronized (previews) {
                previews.add(binary.toByteArray());
            }
            binary.reset();
        }
        socket.request(1);
        return null;
    }

    JsonObject next() throws InterruptedException {
        JsonObject message = messages.poll(60, TimeUnit.SECONDS);
        assertThat(message).as("a message").isNotNull();
        return message;
    }

    /** Messages until one of this type. */
    List<JsonObject> until(String type) throws InterruptedException {
        List<JsonObject> heard = new ArrayList<>();
        do {
            heard.add(next());
        } while (!heard.get(heard.size() - 1).get("type").getAsString().equals(type));
        return heard;
    }

    /** Begins to hear what a client of this id is sent. */
    WebSocket listen(RunningServer server, String id) {
        return server.http()
                .newWebSocketBuilder()
                .buildAsync(URI.create("ws://127.0.0.1:" + server.uri().getPort() + "/ws?clientId=" + id), this)
                .join();
    }
}
