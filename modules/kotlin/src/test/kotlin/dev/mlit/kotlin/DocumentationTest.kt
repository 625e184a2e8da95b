package dev.mlit.kotlin

import java.io.ByteArrayOutputStream
import java.io.PrintStream
import java.net.URLClassLoader
import java.nio.file.Files
import java.nio.file.Path
import org.assertj.core.api.Assertions.assertThat
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.io.TempDir

/** The Kotlin of the documentation. If it fails, the first thing that a newcomer copies does. */
class DocumentationTest {
    @TempDir lateinit var directory: Path

    private val page = Files.readString(Path.of("docs/kotlin.md"))
    private val readme = Files.readString(Path.of("README.md"))

    private fun blocks(text: String, language: String = "kotlin"): List<String> =
        Regex("(?ms)^```$language\\n(.*?)^```$").findAll(text).map { it.groupValues[1] }.toList()

    /** Statements of the README, which has no room for imports. */
    private fun function(statements: String): String =
        "import dev.mlit.kotlin.*\nimport java.nio.file.Path\n\n" +
            "suspend fun snippet(model: dev.mlit.spec.ModelSpec) {\n$statements}\n"

    @Test
    fun `all of it compiles without a warning, and the program trains and classifies`() {
        val sources =
            blocks(page).mapIndexed { i, block -> "Page$i.kt" to "package page$i\n\n$block" }.toMap() +
                ("Readme.kt" to function(blocks(readme).single { "awaitPredictions" in it }))
        val model = directory.resolve("clothes")
        val program =
            checkNotNull(sources["Page0.kt"])
                .replace("epochs(3)", "epochs(3); steps(2)")
                .replace("\"savedmodels/clothes\"", "\"$model\"")
                .replace("train(run) {", "train(run) { directory(Path.of(\"${directory.resolve("run")}\"))")
        assertThat(program).contains("steps(2)", "$model", "directory(")

        val messages = Compiler.messages(sources + ("Page0.kt" to program), directory.resolve("classes"))

        assertThat(messages).isEmpty()
        assertThat(sources).hasSize(5)
        URLClassLoader(arrayOf(directory.resolve("classes").toUri().toURL()), javaClass.classLoader).use { classes ->
            val main = classes.loadClass("page0.Page0Kt").getMethod("main", Array<String>::class.java)
            val printed = printing { main.invoke(null, arrayOf("examples/images/bag.png")) }
            assertThat(printed.lines()[0]).startsWith("epoch 1: test accuracy 0.")
            assertThat(printed.trim().lines()).hasSize(4)
        }
        assertThat(model.resolve("saved_model.pb")).isRegularFile()
    }

    @Test
    fun `it names this version`() {
        for (block in blocks(page, "kts") + blocks(page, "xml")) {
            assertThat(block).contains("mlit-kotlin").contains(Poms.version)
        }
        assertThat(blocks(page, "kts").single()).contains("version \"${Poms.value(Poms.kotlin, "kotlin.version")}\"")
    }

    private fun printing(work: () -> Unit): String {
        val out = System.out
        val bytes = ByteArrayOutputStream()
        System.setOut(PrintStream(bytes, true, Charsets.UTF_8))
        try {
            work()
        } finally {
            System.setOut(out)
        }
        return bytes.toString(Charsets.UTF_8)
    }
}
