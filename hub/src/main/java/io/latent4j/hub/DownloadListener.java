package io.latent4j.hub;

/** Receives how a download goes. */
public interface DownloadListener {

    /**
     * Bytes of a file have arrived.
     *
     * @param file its path in the repository
     * @param done bytes that are here, with those of an earlier try
     * @param total bytes of the file; -1 if the hub does not say
     */
    void progress(String file, long done, long total);

    /** Something worth knowing happened that is no error: the cache is used instead of the hub, for instance. */
    default void note(String text) {}

    /** Logs the notes, as warnings, and each file when it begins. */
    static DownloadListener logged() {
        return new LoggedDownloads();
    }

    /** Does nothing. */
    static DownloadListener silent() {
        return (file, done, total) -> {};
    }
}
