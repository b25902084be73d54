package io.latent4j.server.page;

import static org.assertj.core.api.Assertions.assertThat;

import io.latent4j.server.RunningServer;
import io.latent4j.server.ServerOptions;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

final class PageTest {
    private static final String KEY = "0123456789abcdef";

    @RegisterExtension
    private final RunningServer server = new RunningServer(ServerOptions.LOCAL.withKeys(List.of(KEY)));

    private HttpResponse<String> get(String path, String... headers) throws Exception {
        HttpRequest.Builder request = server.to(path);
        if (headers.length > 0) {
            request.headers(headers);
        }
        return server.send(request);
    }

    private static Path folder() throws Exception {
        return Path.of(Page.class.getResource("index.html").toURI()).getParent();
    }

    @Test
    void servesEveryFileThereIsAndNoOther() throws Exception {
        try (Stream<Path> files = Files.list(folder())) {
            List<String> there = files.map(file -> file.getFileName().toString())
                    .filter(name -> !name.endsWith(".class"))
                    .toList();
            assertThat(Page.FILES).containsExactlyInAnyOrderElementsOf(there);
        }
        for (String name : Page.FILES) {
            assertThat(get("/page/" + name).statusCode()).as(name).isEqualTo(200);
        }
        assertThat(get("/page/Page.class").statusCode()).isEqualTo(404);
        assertThat(get("/page/..%2fPage.class").statusCode()).isIn(400, 404);
    }

    @Test
    void isServedWithoutTheKeyAndAllowsNothingFromElsewhere() throws Exception {
        HttpResponse<String> page = get("/");
        assertThat(page.statusCode()).isEqualTo(200);
        assertThat(page.headers().firstValue("Content-Type").orElseThrow()).startsWith("text/html");
        assertThat(page.headers().firstValue("Content-Security-Policy").orElseThrow())
                .contains("default-src 'none'", "script-src 'self'", "style-src 'self'")
                .doesNotContain("unsafe");
        assertThat(get("/api/models").statusCode()).isEqualTo(401);
        assertThat(get("/page/main.js").headers().firstValue("Content-Type").orElseThrow())
                .startsWith("text/javascript");
    }

    @Test
    void isNotSentAgainWhereItIsTheSame() throws Exception {
        String tag = get("/page/main.js").headers().firstValue("ETag").orElseThrow();
        HttpResponse<String> again = get("/page/main.js", "If-None-Match", tag);
        assertThat(again.statusCode()).isEqualTo(304);
        assertThat(again.body()).isEmpty();
        assertThat(get("/page/dom.js", "If-None-Match", tag).statusCode()).isEqualTo(200);
    }

    @Test
    void refersToItsOwnFilesAlone() throws Exception {
        Pattern reference = Pattern.compile("(?:src|href|from|import)\\s*[=(]?\\s*[\"']([^\"'#]+)[\"']");
        for (String name : Page.FILES) {
            String text = Files.readString(folder().resolve(name));
            List<String> targets = reference
                    .matcher(text)
                    .results()
                    .map((MatchResult found) -> found.group(1))
                    .filter(target -> target.startsWith("/") || target.startsWith("./") || target.contains("//"))
                    .map(target -> target.replaceFirst("^(\\./|/page/)", ""))
                    .toList();
            assertThat(Page.FILES).as(name).containsAll(targets);
            assertThat(text).as(name).doesNotContain("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write");
        }
    }
}
