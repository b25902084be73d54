package io.latent4j.hub;

import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import io.latent4j.hub.HubClient.Listing;
import io.latent4j.hub.HubException.Reason;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileLockInterruptionException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Fetches models from the Hugging Face hub into the cache that other tools share, or finds them there. What is in the cache
 * is not fetched again; a download that was cut goes on where it stopped; every file is checked against its hash. Any number
 * of threads and processes may fetch at once.
 */
public final class Hub {
    private static final String CONFIG = "config.json";
    private static final String OFFLINE = "HF_HUB_OFFLINE or TRANSFORMERS_OFFLINE is set";
    private static final String LIFT = "; unset HF_HUB_OFFLINE and TRANSFORMERS_OFFLINE once to download the rest";
    private static final int SHOWN = 10;
    private static final int MOST_INDEX = 1 << 20;

    private final HubSettings settings;
    private final HubClient client;
    private final DownloadListener listener;
    private final HubClient.Pause pause;
    private final HubTimes times;

    /** @param listener is told of downloads, and of what is used instead where the hub cannot be asked */
    public Hub(HubSettings settings, DownloadListener listener) {
        this(settings, listener, time -> Thread.sleep(time.toMillis()), HubTimes.NORMAL);
    }

    Hub(HubSettings settings, DownloadListener listener, HubClient.Pause pause, HubTimes times) {
        this.settings = settings;
        this.listener = listener;
        this.pause = pause;
        this.times = times;
        this.client = new HubClient(settings, listener, pause, times);
    }

    /**
     * A model in the layout of diffusers: its settings, tokenizers and weights, those in safetensors files where there are
     * such, and each once.
     *
     * @param variant of the weights, such as {@code fp16}; empty for the plain ones
     * @return the model's folder in the cache; a file in it may be a link
     * @throws IOException if the model cannot be had, saying why and what to do
     */
    public Path model(ModelId model, Optional<String> variant) throws IOException {
        return model(model, variant, false);
    }

    /** {@link #model(ModelId, Optional)}, where a part that has no weights of the variant comes with others. */
    public Path modelOrPlain(ModelId model, Optional<String> variant) throws IOException {
        return model(model, variant, true);
    }

    private Path model(ModelId model, Optional<String> variant, boolean orPlain) throws IOException {
        return fetch(model, (listing, root, files) -> {
            if (!listing.files().contains(Selection.INDEX)) {
                throw new HubException(
                        Reason.REFUSED,
                        model + ": has no " + Selection.INDEX + "; expected a model in the layout of"
                                + " diffusers; for a single file name it: " + model.repository() + "/"
                                + listing.files().stream()
                                        .filter(name -> name.endsWith(".safetensors"))
                                        .findFirst()
                                        .orElse("FILE"));
            }
            Path index = files.get(Selection.INDEX);
            for (String file : new Selection(model, listing.files(), variant, orPlain).of(index(model, index))) {
                files.get(file);
            }
            return root;
        });
    }

    /**
     * One part of a model, an autoencoder or a control network for instance: {@code config.json} and weights, in a
     * repository of its own or in the folder that {@code model} names as its file.
     *
     * @param variant of the weights, such as {@code fp16}, where there are such; the plain ones otherwise
     * @return the part's folder in the cache; a file in it may be a link
     */
    public Path part(ModelId model, Optional<String> variant) throws IOException {
        return fetch(model, (listing, root, files) -> {
            String folder = model.file().map(name -> name + "/").orElse("");
            if (!listing.files().contains(folder + CONFIG)) {
                throw new HubException(
                        Reason.REFUSED,
                        model + ": has no " + folder + CONFIG
                                + "; expected a part of a model in the layout"
                                + " of diffusers; name a folder or file of the repository, such as "
                                + model.repository()
                                + "/vae; there is "
                                + listing.files().stream().limit(SHOWN).toList());
            }
            for (String file : new Selection(model, listing.files(), variant, true).ofPart(folder)) {
                files.get(file);
            }
            return root.resolve(folder);
        });
    }

    /**
     * One file of a model's repository.
     *
     * @throws IllegalArgumentException if {@code model} names no file
     */
    public Path file(ModelId model) throws IOException {
        String file = model.file()
                .orElseThrow(() -> new IllegalArgumentException(model + ": names no file; expected owner/name/file"));
        return fetch(model, (listing, root, files) -> files.get(file));
    }

    /**
     * One file of a model's repository, and those called {@code others} in its folder that the repository has.
     *
     * @throws IllegalArgumentException if {@code model} names no file
     */
    public Path file(ModelId model, List<String> others) throws IOException {
        Path found = file(model);
        String folder = model.file().orElseThrow().replaceFirst("[^/]*$", "");
        ModelId repository = new ModelId(model.repository(), Optional.empty(), model.revision());
        files(repository, others.stream().map(folder::concat).toList());
        return found;
    }

    /** The folder of a repository in which the files that are named are, those that it has: tokenizers, for instance. */
    public Path files(ModelId model, List<String> names) throws IOException {
        return fetch(model, (listing, root, files) -> {
            for (String name : names) {
                if (listing.files().contains(name)) {
                    files.get(name);
                }
            }
            return root;
        });
    }

    /** What to take of a repository, of which {@code files} brings one after the other. */
    private interface Taking {
        Path take(Listing listing, Path root, Bringing bringing) throws IOException, InterruptedException;
    }

    /** Brings a file of a commit to its place in the cache. */
    private interface Bringing {
        Path get(String file) throws IOException, InterruptedException;
    }

    private Path fetch(ModelId model, Taking taking) throws IOException {
        try {
            return fetch(model, new HubCache(settings.cache(), model), taking);
        } catch (InterruptedException | ClosedByInterruptException | FileLockInterruptionException e) {
            Thread.currentThread().interrupt();
            throw (IOException) new InterruptedIOException(model + ": the download was interrupted").initCause(e);
        } catch (HubException e) {
            throw e;
        } catch (IOException e) {
            throw HubException.file(model, "the cache " + settings.cache() + " cannot be used", e);
        }
    }

    /** From the hub; where it cannot be had there, from the cache, if all that is needed is in it. */
    private Path fetch(ModelId model, HubCache cache, Taking taking) throws IOException, InterruptedException {
        Optional<Listing> kept = kept(cache);
        if (settings.offline()) {
            return kept(
                    model,
                    cache,
                    taking,
                    kept.orElseThrow(() -> new HubException(
                            Reason.NOT_CACHED,
                            model + ": is not in the cache " + settings.cache() + ", and " + OFFLINE
                                    + "; unset it once to download the model")));
        }
        if (kept.isPresent() && HubCache.isCommit(model.revision()) && whole(model, kept.get())) {
            return kept(model, cache, taking, kept.get()); // a commit does not change
        }
        boolean listed = false;
        try {
            Listing listing = client.list(model, kept.isPresent());
            listed = true;
            Path found = taking.take(
                    listing, cache.snapshot(listing.commit()), file -> file(model, cache, listing.commit(), file));
            remember(model, cache, listing.commit());
            return found;
        } catch (HubException e) {
            boolean untrue = listed && e.reason() == Reason.WRONG_ANSWER;
            if (kept.isEmpty() || untrue) {
                throw e;
            }
            try {
                Path found = kept(model, cache, taking, kept.get());
                listener.note(e.getMessage() + "; using the cache");
                return found;
            } catch (HubException lacking) {
                e.addSuppressed(lacking);
                throw e;
            }
        }
    }

    private static Path kept(ModelId model, HubCache cache, Taking taking, Listing listing)
            throws IOException, InterruptedException {
        try {
            return taking.take(listing, cache.snapshot(listing.commit()), file -> cached(model, cache, listing, file));
        } catch (HubException e) {
            throw e.reason() != Reason.REFUSED
                    ? e
                    : new HubException(
                            Reason.NOT_CACHED,
                            e.getMessage() + "; the cache may hold a part of the model only" + LIFT,
                            e);
        }
    }

    private static Path cached(ModelId model, HubCache cache, Listing listing, String file) throws HubException {
        Path pointer = cache.snapshot(listing.commit()).resolve(checked(model, file));
        if (!Files.isRegularFile(pointer)) {
            throw new HubException(Reason.NOT_CACHED, model + ": the cache does not have " + file + LIFT);
        }
        return pointer;
    }

    /** A cache that cannot be written to serves as it is. */
    private void remember(ModelId model, HubCache cache, String commit) {
        try {
            cache.setCommit(commit);
        } catch (IOException e) {
            listener.note(model + ": the cache cannot remember the commit of " + model.revision() + " ("
                    + HubException.text(e) + ")");
        }
    }

    /** What the cache has of the commit that the revision stood for. */
    private static Optional<Listing> kept(HubCache cache) throws IOException {
        Optional<String> commit = cache.commit();
        if (commit.isEmpty() || !Files.isDirectory(cache.snapshot(commit.get()))) {
            return Optional.empty();
        }
        Path root = cache.snapshot(commit.get());
        try (Stream<Path> files = Files.walk(root)) {
            List<String> names = files.filter(Files::isRegularFile)
                    .map(file -> String.join("/", names(root.relativize(file))))
                    .filter(name -> !name.endsWith(HubCache.INCOMPLETE))
                    .limit(HubClient.MOST_FILES + 1L)
                    .sorted()
                    .toList();
            if (names.size() > HubClient.MOST_FILES) {
                throw new IOException(root + ": holds more than " + HubClient.MOST_FILES
                        + " files; expected those of one model; remove what does not belong to it");
            }
            return Optional.of(new Listing(commit.get(), names));
        }
    }

    private static List<String> names(Path path) {
        List<String> names = new ArrayList<>();
        path.forEach(name -> names.add(name.toString()));
        return names;
    }

    private boolean whole(ModelId model, Listing kept) {
        return model.file().isPresent() && kept.files().contains(model.file().get());
    }

    private static JsonObject index(ModelId model, Path file) throws IOException {
        if (Files.size(file) > MOST_INDEX) {
            throw HubException.wrongAnswer(
                    model, "a " + Selection.INDEX + " of " + Files.size(file) + " bytes, " + file, null);
        }
        try {
            return JsonParser.parseString(Files.readString(file)).getAsJsonObject();
        } catch (JsonParseException | IllegalStateException | CharacterCodingException e) {
            throw HubException.wrongAnswer(model, "a " + Selection.INDEX + " that is no JSON object, " + file, e);
        }
    }

    private static String checked(ModelId model, String file) throws HubException {
        if (!FilePath.isSafe(file)) {
            throw new HubException(
                    Reason.WRONG_ANSWER,
                    model + ": lists \"" + file + "\", which is no path within it that every system can have; nothing"
                            + " was fetched");
        }
        return file;
    }

    private Path file(ModelId model, HubCache cache, String commit, String file)
            throws IOException, InterruptedException {
        Path pointer = cache.snapshot(commit).resolve(checked(model, file));
        if (Files.isRegularFile(pointer)) {
            return pointer;
        }
        HubClient.FileFacts facts = client.facts(model, commit, file);
        Runnable waiting = () -> listener.note(file + " is being downloaded by another process; waiting for it");
        cache.locked(facts.etag(), waiting, () -> {
            if (!Files.isRegularFile(cache.blob(facts.etag()))) {
                new Download(client, listener, pause, times, model, commit, file, facts).to(cache);
            }
            if (!Files.isRegularFile(pointer)) {
                cache.link(commit, file, facts.etag());
            }
        });
        return pointer;
    }
}
