package io.latent4j.service.queue;

import java.util.HashSet;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Says that something does not work when it begins to fail and when it works again, and not each time that it is tried. */
final class Trouble {
    private static final Logger LOGGER = LoggerFactory.getLogger(Trouble.class);

    private final Set<String> failing = new HashSet<>();

    void failed(String what, Throwable error) {
        if (failing.add(what)) {
            LOGGER.error("the queue cannot {}; it tries again", what, error);
        }
    }

    void worked(String what) {
        if (failing.remove(what)) {
            LOGGER.info("the queue can {} again", what);
        }
    }
}
