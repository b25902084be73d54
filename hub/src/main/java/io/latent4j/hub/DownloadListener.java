package io.latent4j.hub;

/** Hears how a download goes. */
public interface DownloadListener {

    /**
     * Bytes of a file have arrived.
     *
     * @param file its path in the repository
     * @param done bytes that are here, with those of an earlier try
     * @param total bytes of the file; -1 if the hub does not say
     */
    void progress(String file, long done, long total);

    /** Something worth telling happened that is no error. */
    default void note(String text) {}

    /** Hears and does nothing. */
    static DownloadListener silent() {
        return (file, done, total) -> {};
    }
}
