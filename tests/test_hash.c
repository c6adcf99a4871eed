#include "tests/unit.h"

#include "base/base64.h"
#include "base/hash.h"
#include "base/xalloc.h"

/* The messages and digests are the examples of FIPS 180-4. */
#define MESSAGE "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"

static void assert_sha256(const char *text, const char *expected)
{
	struct hash hash;
	char hex[HASH_HEX_SIZE];
	hash_data(&hash, text, strlen(text));
	hash_format(&hash, hex);
	assert_string_equal(hex, expected);
}

static void test_sha256_gives_the_digests_of_the_standard(void **state)
{
	(void)state;
	assert_sha256("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
	assert_sha256("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
	assert_sha256(MESSAGE, "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
}

static void test_sha1_gives_the_digest_of_the_standard(void **state)
{
	(void)state;
	static const struct sha1 expected = { { 0x84, 0x98, 0x3e, 0x44, 0x1c, 0x3b, 0xd2, 0x6e, 0xba, 0xae,
		0x4a, 0xa1, 0xf9, 0x51, 0x29, 0xe5, 0xe5, 0x46, 0x70, 0xf1 } };
	struct sha1 found;
	struct hasher *hasher = hasher_new_sha1();
	hasher_add(hasher, MESSAGE, strlen(MESSAGE));
	hasher_finish_sha1(hasher, &found);
	assert_memory_equal(&found, &expected, sizeof found);
}

static void test_a_digest_is_the_same_however_its_data_is_cut(void **state)
{
	(void)state;
	char data[300];
	struct hash whole, pieces;
	memset(data, 'x', sizeof data);
	hash_data(&whole, data, sizeof data);
	for (size_t cut = 0; cut <= sizeof data; cut++) {
		struct hasher *hasher = hasher_new();
		hasher_add(hasher, data, cut);
		hasher_add(hasher, data + cut, sizeof data - cut);
		hasher_finish(hasher, &pieces);
		assert_true(hash_equal(&whole, &pieces));
	}
}

static void test_a_hash_is_read_from_64_digits_only(void **state)
{
	(void)state;
	struct hash hash;
	char hex[HASH_HEX_SIZE + 1] = { 0 };
	memset(hex, 'a', HASH_HEX_SIZE - 1);
	assert_int_equal(hash_parse(hex, &hash), 0);
	hex[63] = 'g';
	assert_int_equal(hash_parse(hex, &hash), -1);
	hex[63] = '\0';
	assert_int_equal(hash_parse(hex, &hash), -1);
	memset(hex, 'a', HASH_HEX_SIZE);
	assert_int_equal(hash_parse(hex, &hash), -1);
}

/* The examples of RFC 4648, section 10. */
static void test_base64_codes_the_examples_of_the_rfc(void **state)
{
	(void)state;
	static const char *const coded[] = { "", "Zg==", "Zm8=", "Zm9v", "Zm9vYg==", "Zm9vYmE=", "Zm9vYmFy" };
	for (size_t n = 0; n < sizeof coded / sizeof *coded; n++) {
		struct buf out = { 0 };
		char *data;
		size_t len;
		base64_encode(&out, "foobar", n);
		assert_string_equal(buf_str(&out), coded[n]);
		assert_int_equal(base64_decode(coded[n], strlen(coded[n]), &data, &len), 0);
		assert_int_equal(len, n);
		assert_memory_equal(data, "foobar", n);
		free(data);
		buf_release(&out);
	}
}

static void test_base64_of_much_data_comes_back(void **state)
{
	(void)state;
	enum { N = 100001 }; /* more than the coder takes at once, and not a multiple of 3 */
	unsigned char *data = xmalloc(N);
	struct buf out = { 0 };
	char *back;
	size_t len;
	for (size_t i = 0; i < N; i++)
		data[i] = (unsigned char)(i * 7 + i / 256);
	base64_encode(&out, data, N);
	assert_int_equal(base64_decode(out.data, out.len, &back, &len), 0);
	assert_int_equal(len, N);
	assert_memory_equal(back, data, N);
	free(back);
	free(data);
	buf_release(&out);
}

static void test_base64_refuses_what_the_form_does_not_allow(void **state)
{
	(void)state;
	static const char *const bad[] = { "Z", "Zg", "Zg=", "Zm9v\n", "Zm9 ", " Zm9", "Z===", "====", "Zg==Zg==",
		"Zm9*", "Zm-_", "=Zg=", "Zh==" };
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		char *data;
		size_t len;
		assert_int_equal(base64_decode(bad[i], strlen(bad[i]), &data, &len), -1);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sha256_gives_the_digests_of_the_standard),
		cmocka_unit_test(test_sha1_gives_the_digest_of_the_standard),
		cmocka_unit_test(test_a_digest_is_the_same_however_its_data_is_cut),
		cmocka_unit_test(test_a_hash_is_read_from_64_digits_only),
		cmocka_unit_test(test_base64_codes_the_examples_of_the_rfc),
		cmocka_unit_test(test_base64_of_much_data_comes_back),
		cmocka_unit_test(test_base64_refuses_what_the_form_does_not_allow),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
