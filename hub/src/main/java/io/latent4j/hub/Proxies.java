package io.latent4j.hub;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.ProxySelector;
import java.net.SocketAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * Through which proxies the hub is reached, as the environment says: {@code HTTP_PROXY}, {@code HTTPS_PROXY}, {@code
 * ALL_PROXY} and {@code NO_PROXY}, or the same names in lower case, which win. Java's own settings ({@code
 * https.proxyHost}) win over both.
 *
 * @param http for {@code http} addresses
 * @param https for {@code https} addresses
 * @param except hosts that are reached directly: a name with all names below it, an address, a range of IPv4 addresses
 *     ({@code 10.0.0.0/8}), each with or without a port, or {@code *} for all
 */
public record Proxies(Optional<Server> http, Optional<Server> https, List<String> except) {
    private static final int HIGHEST_PORT = 65535;

    public Proxies {
        except = except.stream()
                .map(host -> host.strip().toLowerCase(Locale.ROOT))
                .filter(host -> !host.isEmpty())
                .toList();
    }

    /**
     * A proxy.
     *
     * @param user name and password, {@code name:password}, where it asks for them
     */
    public record Server(String host, int port, Optional<String> user) {

        /** Does not show the password. */
        @Override
        public String toString() {
            return host + ":" + port;
        }
    }

    /** Everything is reached directly, or as Java's own settings say. */
    public static Proxies none() {
        return new Proxies(Optional.empty(), Optional.empty(), List.of());
    }

    /**
     * Reads the variables.
     *
     * @throws IllegalArgumentException if one holds no address of a proxy, naming it
     */
    static Proxies from(Map<String, String> environment) {
        Optional<Server> all = server(environment, "ALL_PROXY");
        return new Proxies(
                server(environment, "HTTP_PROXY").or(() -> all),
                server(environment, "HTTPS_PROXY").or(() -> all),
                text(environment, "NO_PROXY")
                        .map(hosts -> List.of(hosts.split("[,\\s]+", -1)))
                        .orElse(List.of()));
    }

    private static Optional<String> text(Map<String, String> environment, String name) {
        return Optional.ofNullable(environment.get(name.toLowerCase(Locale.ROOT)))
                .or(() -> Optional.ofNullable(environment.get(name)))
                .map(String::strip)
                .filter(value -> !value.isEmpty());
    }

    private static Optional<Server> server(Map<String, String> environment, String name) {
        return text(environment, name).map(value -> server(name, value));
    }

    private static Server server(String name, String value) {
        URI uri;
        try {
            uri = new URI(value.contains("://") ? value : "http://" + value);
        } catch (URISyntaxException e) {
            throw new IllegalArgumentException(name + " holds no address; expected http://host:port", e);
        }
        if (!"http".equalsIgnoreCase(uri.getScheme()) || uri.getHost() == null || uri.getPort() > HIGHEST_PORT) {
            throw new IllegalArgumentException(name + " is " + withoutUser(value)
                    + "; expected http://host:port or http://user:password@host:port");
        }
        return new Server(
                uri.getHost(), uri.getPort() < 0 ? 80 : uri.getPort(), Optional.ofNullable(uri.getUserInfo()));
    }

    private static String withoutUser(String value) {
        return value.replaceFirst("//.*@", "//").replaceFirst("^[^/]*@", "");
    }

    /** The proxy for an address; empty if it is reached directly. */
    Optional<Server> of(URI address) {
        Optional<Server> server = "https".equals(address.getScheme()) ? https : http;
        return server.filter(found -> !isExcept(address));
    }

    private boolean isExcept(URI address) {
        String host = bare(address.getHost().toLowerCase(Locale.ROOT));
        int port = address.getPort() >= 0 ? address.getPort() : "https".equals(address.getScheme()) ? 443 : 80;
        return except.stream().anyMatch(entry -> matches(entry, host, port));
    }

    private static boolean matches(String entry, String host, int port) {
        String name = entry;
        boolean numbered = entry.matches("(\\[.*]|[^:]*):\\d{1,5}");
        if (numbered) {
            int colon = entry.lastIndexOf(':');
            if (Integer.parseInt(entry.substring(colon + 1)) != port) {
                return false;
            }
            name = entry.substring(0, colon);
        }
        name = bare(name).replaceFirst("^\\*?\\.", "");
        return entry.equals("*") || host.equals(name) || host.endsWith("." + name) || isWithin(name, host);
    }

    private static String bare(String host) {
        return host.startsWith("[") && host.endsWith("]") ? host.substring(1, host.length() - 1) : host;
    }

    /** Whether an IPv4 address is in a range such as {@code 10.0.0.0/8}. */
    private static boolean isWithin(String range, String host) {
        int slash = range.indexOf('/');
        if (slash < 0 || !range.substring(slash + 1).matches("\\d|[12]\\d|3[0-2]")) {
            return false;
        }
        int bits = Integer.parseInt(range.substring(slash + 1));
        Optional<Integer> first = number(range.substring(0, slash));
        Optional<Integer> address = number(host);
        int mask = bits == 0 ? 0 : -1 << (32 - bits);
        return first.isPresent() && address.isPresent() && (first.get() & mask) == (address.get() & mask);
    }

    private static Optional<Integer> number(String address) {
        if (!address.matches("\\d{1,3}(\\.\\d{1,3}){3}")) {
            return Optional.empty();
        }
        int number = 0;
        for (String part : address.split("\\.", -1)) {
            if (Integer.parseInt(part) > 255) {
                return Optional.empty();
            }
            number = number << 8 | Integer.parseInt(part);
        }
        return Optional.of(number);
    }

    /** What the HTTP client asks. */
    ProxySelector selector() {
        ProxySelector java = ProxySelector.getDefault();
        return new ProxySelector() {
            @Override
            public List<Proxy> select(URI uri) {
                List<Proxy> own = java == null ? List.of(Proxy.NO_PROXY) : java.select(uri);
                boolean isSet = own.stream().anyMatch(proxy -> proxy.type() != Proxy.Type.DIRECT);
                return isSet
                        ? own
                        : List.of(Proxies.this.of(uri).map(Proxies::proxy).orElse(Proxy.NO_PROXY));
            }

            @Override
            public void connectFailed(URI uri, SocketAddress address, IOException e) {
                if (java != null) {
                    java.connectFailed(uri, address, e);
                }
            }
        };
    }

    private static Proxy proxy(Server server) {
        return new Proxy(Proxy.Type.HTTP, new InetSocketAddress(server.host(), server.port()));
    }

    /** The header by which a request to {@code address} names its user to the proxy; empty where it needs none. */
    Optional<String> authorization(URI address) {
        return of(address)
                .flatMap(Server::user)
                .map(user -> "Basic " + Base64.getEncoder().encodeToString(user.getBytes(StandardCharsets.UTF_8)));
    }

    /** Whether a proxy is given with a user. */
    boolean nameUser() {
        return http.flatMap(Server::user).isPresent()
                || https.flatMap(Server::user).isPresent();
    }

    @Override
    public String toString() {
        return "http " + http.map(Server::toString).orElse("direct") + ", https "
                + https.map(Server::toString).orElse("direct") + ", except " + except;
    }
}
