package io.latent4j.cli;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.graph.Graph;
import com.google.common.graph.GraphBuilder;
import com.google.common.graph.Graphs;
import com.google.common.graph.ImmutableGraph;
import com.google.common.graph.MutableGraph;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.core.importer.Location;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import io.latent4j.core.packages.PackageRules;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * The drawings of modules and packages in docs/architecture.md are what the classes say and have no cycle; no class maps a
 * file, or converts an array in another way than {@link io.latent4j.core.ops.Ops#cast}.
 */
@AnalyzeClasses(
        packages = "io.latent4j",
        importOptions = {ImportOption.DoNotIncludeTests.class, ArchitectureTest.NoTestJars.class})
final class ArchitectureTest {
    private static final String ROOT = "io.latent4j.";
    private static final int MOST = 40;
    private static final Path PAGE = Path.of("..", "docs", "architecture.md");

    @ArchTest
    static void packagesOfAllModulesFormNoCycle(JavaClasses classes) {
        slices().matching(ROOT + "(**)").should().beFreeOfCycles().check(classes);
    }

    @ArchTest
    static void packagesAreSmall(JavaClasses classes) {
        Map<String, Long> sizes = classes.stream()
                .filter(JavaClass::isTopLevelClass)
                .collect(Collectors.groupingBy(JavaClass::getPackageName, Collectors.counting()));
        assertThat(sizes)
                .hasSizeGreaterThan(40)
                .allSatisfy((name, size) -> assertThat(size).as(name).isLessThanOrEqualTo(MOST));
    }

    @ArchTest
    static void thePageDrawsModulesAndPackages(JavaClasses classes) throws IOException {
        ImmutableGraph<String> modules = arrows(classes, ArchitectureTest::module);
        assertThat(modules.nodes()).contains("core", "schedulers", "pipeline", "training", "cli");
        List<String> drawings = new ArrayList<>(List.of(drawing(modules, "")));
        ImmutableGraph<String> packages =
                arrows(classes, type -> type.getPackageName().substring(ROOT.length()));
        for (String module : new TreeSet<>(modules.nodes())) {
            Set<String> members = packages.nodes().stream()
                    .filter(node -> artifact(firstWord(node)).equals(module))
                    .collect(Collectors.toSet());
            if (members.size() > 1) {
                drawings.add("`" + module + "`\n\n"
                        + drawing(Graphs.inducedSubgraph(packages, members), module.replace("-", "") + "."));
            }
        }
        assertThat(drawings).hasSizeGreaterThan(5);
        Path redrawn = Files.writeString(Path.of("target", "architecture.md"), String.join("\n", drawings));
        String page = Files.readString(PAGE);
        assertThat(drawings)
                .as("%s draws what the classes say; the drawings of today are in %s", PAGE, redrawn.toAbsolutePath())
                .allMatch(page::contains);
    }

    @ArchTest
    static void noneAsksDjlToConvert(JavaClasses classes) {
        PackageRules.requireCasts(classes);
    }

    /** A file that is mapped and becomes shorter ends the process. */
    @ArchTest
    static void noFileIsMapped(JavaClasses classes) {
        noClasses()
                .should()
                .callMethod(FileChannel.class, "map", FileChannel.MapMode.class, long.class, long.class)
                .check(classes);
    }

    /** Who uses whom: classes by what {@code name} makes of them. */
    private static ImmutableGraph<String> arrows(JavaClasses classes, Function<JavaClass, String> name) {
        MutableGraph<String> graph = GraphBuilder.directed().build();
        for (JavaClass type : classes) {
            graph.addNode(name.apply(type));
            type.getDirectDependenciesFromSelf().stream()
                    .map(dependency -> dependency.getTargetClass().getBaseComponentType())
                    .filter(target -> target.getPackageName().startsWith(ROOT))
                    .map(name)
                    .filter(target -> !target.equals(name.apply(type)))
                    .forEach(target -> graph.putEdge(name.apply(type), target));
        }
        return ImmutableGraph.copyOf(graph);
    }

    /** A Mermaid flow chart of the arrows that do not follow from others; {@code prefix} is left off the names. */
    private static String drawing(Graph<String> graph, String prefix) {
        StringBuilder text = new StringBuilder("```mermaid\nflowchart TD\n");
        for (String from : new TreeSet<>(graph.nodes())) {
            List<String> targets = graph.successors(from).stream()
                    .filter(to -> graph.successors(from).stream()
                            .noneMatch(between -> !between.equals(to)
                                    && Graphs.reachableNodes(graph, between).contains(to)))
                    .sorted()
                    .toList();
            for (String to : targets) {
                text.append("    ")
                        .append(node(from, prefix))
                        .append(" --> ")
                        .append(node(to, prefix))
                        .append('\n');
            }
            if (targets.isEmpty() && graph.predecessors(from).isEmpty()) {
                text.append("    ").append(node(from, prefix)).append('\n');
            }
        }
        return text.append("```\n").toString();
    }

    private static String node(String name, String prefix) {
        return name.startsWith(prefix) ? name.substring(prefix.length()) : name;
    }

    private static String module(JavaClass type) {
        return artifact(firstWord(type.getPackageName().substring(ROOT.length())));
    }

    private static String artifact(String word) {
        return word.replace("textencoder", "text-encoder").replace("jobstore", "job-store");
    }

    private static String firstWord(String name) {
        int dot = name.indexOf('.');
        return dot < 0 ? name : name.substring(0, dot);
    }

    /** Leaves out the test jars of other modules. */
    static final class NoTestJars implements ImportOption {
        @Override
        public boolean includes(Location location) {
            return !location.contains("-tests.jar");
        }
    }
}
