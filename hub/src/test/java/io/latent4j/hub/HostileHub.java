package io.latent4j.hub;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** A server on this machine that sends whatever a test says, well-formed or not, once for each connection. */
final class HostileHub implements AutoCloseable {
    private final ServerSocket socket = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final CountDownLatch closed = new CountDownLatch(1);
    private final Answering answering;

    /** Every request: its first line, and its headers. */
    final List<String> asked = Collections.synchronizedList(new ArrayList<>());

    /** What to send. */
    interface Answering {
        void answer(String request, OutputStream out) throws IOException, InterruptedException;
    }

    HostileHub(Answering answering) throws IOException {
        this.answering = answering;
        threads.execute(this::accept);
    }

    /** A hub whose listing is of one file; {@code facts} are the headers of what it is, {@code bytes} answers the rest. */
    static HostileHub ofFile(String facts, Answering bytes) throws IOException {
        return new HostileHub((request, out) -> {
            if (request.startsWith("GET /api/")) {
                String json = "{\"sha\": \"" + FakeHub.COMMIT + "\", \"siblings\": [{\"rfilename\": \"a.bin\"}]}";
                send(out, "HTTP/1.1 200 OK\r\nContent-Length: " + json.length() + "\r\n\r\n" + json);
            } else if (request.startsWith("HEAD ")) {
                send(out, "HTTP/1.1 200 OK\r\n" + facts + "\r\n\r\n");
            } else {
                bytes.answer(request, out);
            }
        });
    }

    static void send(OutputStream out, String text) throws IOException {
        out.write(text.getBytes(StandardCharsets.ISO_8859_1));
        out.flush();
    }

    private void accept() {
        while (!socket.isClosed()) {
            try {
                Socket connection = socket.accept();
                threads.execute(() -> answer(connection));
            } catch (IOException e) {
                return; // closed
            }
        }
    }

    private void answer(Socket connection) {
        try (connection) {
            BufferedReader in =
                    new BufferedReader(new InputStreamReader(connection.getInputStream(), StandardCharsets.ISO_8859_1));
            String request = in.readLine();
            StringBuilder headers = new StringBuilder(String.valueOf(request));
            for (String line = in.readLine(); line != null && !line.isEmpty(); line = in.readLine()) {
                headers.append('\n').append(line);
            }
            asked.add(headers.toString());
            if (request != null) {
                answering.answer(request, connection.getOutputStream());
            }
        } catch (IOException | InterruptedException e) {
            return; // the client has enough
        }
    }

    /** Keeps the connection open, in silence, until the test ends. */
    void hold() throws InterruptedException {
        closed.await();
    }

    URI endpoint() {
        return URI.create("http://localhost:" + socket.getLocalPort());
    }

    @Override
    public void close() throws IOException {
        closed.countDown();
        socket.close();
        threads.shutdownNow();
    }
}
