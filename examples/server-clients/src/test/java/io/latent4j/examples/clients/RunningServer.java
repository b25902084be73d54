package io.latent4j.examples.clients;

import io.latent4j.server.Server;
import io.latent4j.server.ServerOptions;
import io.latent4j.service.queue.QueueOptions;
import io.latent4j.service.registry.ModelRegistry;
import io.latent4j.service.store.MemoryJobStore;
import io.latent4j.service.store.QueueBounds;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import javax.imageio.ImageIO;

/** A server with the embedded model, at a free port. */
final class RunningServer implements AutoCloseable {
    static final String KEY = "a-key-of-these-tests";

    private final ModelRegistry registry = new ModelRegistry();
    private final Server server;

    /** A server that asks for a key. */
    RunningServer(Path data) {
        this(data, List.of(KEY), 100);
    }

    /**
     * Another one.
     *
     * @param keys of which it asks for one
     * @param waiting how many jobs may wait
     */
    RunningServer(Path data, List<String> keys, int waiting) {
        QueueOptions usual = QueueOptions.DEFAULT;
        QueueOptions options = new QueueOptions(
                new QueueBounds(waiting, waiting),
                usual.workers(),
                usual.beat(),
                usual.silence(),
                Duration.ZERO,
                usual.keepFor(),
                usual.keep());
        try {
            server = Server.start(
                    ServerOptions.LOCAL.withPort(0).withKeys(keys), registry, new MemoryJobStore(), options, data);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Where it is, ending in a slash. */
    String uri() {
        return server.uri().toString();
    }

    static BufferedImage image(byte[] file) {
        try {
            return ImageIO.read(new ByteArrayInputStream(file));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static BufferedImage image(String base64) {
        return image(Base64.getDecoder().decode(base64));
    }

    /** A PNG of 64 x 64 pixels of one colour, whose left half is another. */
    static byte[] png(int left, int right) {
        BufferedImage image = new BufferedImage(64, 64, BufferedImage.TYPE_INT_ARGB);
        for (int y = 0; y < image.getHeight(); y++) {
            for (int x = 0; x < image.getWidth(); x++) {
                image.setRGB(x, y, x < image.getWidth() / 2 ? left : right);
            }
        }
        try (ByteArrayOutputStream out = new ByteArrayOutputStream()) {
            ImageIO.write(image, "png", out);
            return out.toByteArray();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        server.close();
        registry.close();
    }
}
