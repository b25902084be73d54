package io.latent4j.hub;

import java.util.concurrent.atomic.AtomicReference;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Writes to the log what is downloaded, a line a file. */
final class LoggedDownloads implements DownloadListener {
    private static final Logger LOG = LoggerFactory.getLogger(Hub.class);

    private final AtomicReference<String> current = new AtomicReference<>("");

    @Override
    public void progress(String file, long done, long total) {
        if (!file.equals(current.getAndSet(file))) {
            LOG.info("downloading {}, {} bytes", file, total < 0 ? "unknown" : total);
        }
    }

    @Override
    public void note(String text) {
        LOG.warn("{}", text);
    }
}
