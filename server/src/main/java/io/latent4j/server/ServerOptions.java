package io.latent4j.server;

import io.latent4j.core.config.Shown;
import io.latent4j.server.api.Client;
import io.latent4j.server.api.Limits;
import io.latent4j.server.api.Priorities;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * Where a server listens, and whom it lets in.
 *
 * @param host a name or address of this machine; {@code 127.0.0.1} is reached from this machine alone
 * @param port 0 for any that is free
 * @param keys of which a client must give one; none are asked for if empty
 * @param open whether clients of other machines are let in without a key
 * @param hosts names by which clients may call the server, beside {@code host}, {@code localhost} and addresses of the loopback;
 *     a page in a browser that calls it by another name is refused
 * @param origins of web pages of other servers that may use this one, {@code https://example.com} for instance
 * @param tls a certificate and its key; plain HTTP if empty
 * @param limits of a request
 * @param grace how long jobs that run may go on when the server stops
 * @param logPrompts whether prompts are logged
 * @param model of jobs that name none, and of OpenAI's own model names; the one that ships with latent4j if empty
 * @param priorities whose jobs may go before those of others: {@link Priorities#ALL}, or {@code key-N} for the Nth of {@code
 *     keys}; what others ask for is ignored with a warning
 * @param publicUrl where clients reach the server, for addresses of images that they are told; as each client calls it if empty
 */
public record ServerOptions(
        String host,
        int port,
        List<String> keys,
        boolean open,
        Set<String> hosts,
        Set<String> origins,
        Optional<Tls> tls,
        Limits limits,
        Duration grace,
        boolean logPrompts,
        Optional<String> model,
        Set<String> priorities,
        Optional<URI> publicUrl) {
    private static final int MOST_PORT = 65_535;
    private static final int SHORTEST_KEY = 16;

    /** On this machine alone, at port 7860. */
    public static final ServerOptions LOCAL = new ServerOptions(
            "127.0.0.1",
            7860,
            List.of(),
            false,
            Set.of(),
            Set.of(),
            Optional.empty(),
            Limits.DEFAULT,
            Duration.ofSeconds(10),
            false,
            Optional.empty(),
            Set.of(),
            Optional.empty());

    /**
     * A certificate and its key as PEM files.
     *
     * @param certificates the server's, and those that lead to its root
     * @param key its private key, PKCS #8 without a password
     */
    public record Tls(Path certificates, Path key) {

        public Tls {
            Objects.requireNonNull(certificates, "certificates");
            Objects.requireNonNull(key, "key");
        }
    }

    public ServerOptions {
        Objects.requireNonNull(host, "host");
        keys = List.copyOf(keys);
        hosts = Set.copyOf(hosts);
        origins = Set.copyOf(origins);
        Objects.requireNonNull(tls, "tls");
        Objects.requireNonNull(limits, "limits");
        Objects.requireNonNull(grace, "grace");
        Objects.requireNonNull(model, "model");
        if (port < 0 || port > MOST_PORT) {
            throw new IllegalArgumentException("port is " + port + "; expected 0 to " + MOST_PORT);
        }
        if (keys.stream().anyMatch(key -> key.length() < SHORTEST_KEY || !key.matches("[!-~]+"))) {
            throw new IllegalArgumentException("a key is too short or has spaces or other letters; expected "
                    + SHORTEST_KEY + " or more letters, digits and signs");
        }
        priorities = Set.copyOf(priorities);
        for (String who : priorities) {
            checkPriority(who, keys.size());
        }
        publicUrl.ifPresent(ServerOptions::checkPublicUrl);
        if (keys.isEmpty() && !open && !isLoopback(host)) {
            throw new IllegalArgumentException("the server would listen on " + host
                    + ", where other machines reach it, without asking for a key; expected a key (--api-key-file), or"
                    + " the explicit wish to do without one");
        }
    }

    private static void checkPublicUrl(URI url) {
        boolean web = "https".equals(url.getScheme()) || "http".equals(url.getScheme());
        if (!web
                || url.getHost() == null
                || url.getRawUserInfo() != null
                || url.getRawQuery() != null
                || url.getRawFragment() != null) {
            throw new IllegalArgumentException("the server's own address is " + Shown.text(url.toString())
                    + "; expected http or https, a name, and no more than a port and a path, https://images.example.com"
                    + " for instance");
        }
    }

    private static void checkPriority(String who, int keys) {
        boolean isKey = IntStream.rangeClosed(1, keys).anyMatch(number -> who.equals(Client.ofKey(number)));
        if (!isKey && !who.equals(Priorities.ALL)) {
            throw new IllegalArgumentException("\"" + Shown.text(who)
                    + "\" is nobody whose jobs may go before those of others; expected " + Priorities.ALL
                    + (keys == 0
                            ? ", as the server has no keys"
                            : ", or a key by its place, " + Client.ofKey(1) + " to " + Client.ofKey(keys)));
        }
    }

    private static boolean isLoopback(String host) {
        try {
            return InetAddress.getByName(host).isLoopbackAddress();
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException(
                    "there is no host " + host + "; expected a name or address of this machine", e);
        }
    }

    /** The same at another port. */
    public ServerOptions withPort(int port) {
        return new ServerOptions(
                host, port, keys, open, hosts, origins, tls, limits, grace, logPrompts, model, priorities, publicUrl);
    }

    /** The same asking for one of these keys. */
    public ServerOptions withKeys(List<String> keys) {
        return new ServerOptions(
                host, port, keys, open, hosts, origins, tls, limits, grace, logPrompts, model, priorities, publicUrl);
    }

    /** The same with other limits. */
    public ServerOptions withLimits(Limits limits) {
        return new ServerOptions(
                host, port, keys, open, hosts, origins, tls, limits, grace, logPrompts, model, priorities, publicUrl);
    }

    /** The same for pages of these origins too. */
    public ServerOptions withOrigins(Set<String> origins) {
        return new ServerOptions(
                host, port, keys, open, hosts, origins, tls, limits, grace, logPrompts, model, priorities, publicUrl);
    }

    /** The same with these clients, whose jobs may go before those of others. */
    public ServerOptions withPriorities(Set<String> priorities) {
        return new ServerOptions(
                host, port, keys, open, hosts, origins, tls, limits, grace, logPrompts, model, priorities, publicUrl);
    }

    /** The same where clients reach it at this address. */
    public ServerOptions withPublicUrl(URI url) {
        return new ServerOptions(
                host,
                port,
                keys,
                open,
                hosts,
                origins,
                tls,
                limits,
                grace,
                logPrompts,
                model,
                priorities,
                Optional.of(url));
    }

    /** The same with this model for jobs that name none. */
    public ServerOptions withModel(String model) {
        return new ServerOptions(
                host,
                port,
                keys,
                open,
                hosts,
                origins,
                tls,
                limits,
                grace,
                logPrompts,
                Optional.of(model),
                priorities,
                publicUrl);
    }
}
