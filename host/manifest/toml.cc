// SPDX-License-Identifier: MIT
//
// From toml11's values to a tree of C. Deep nesting is cut here, so that nobody behind has to think of it.
#include "toml.h"

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <new>
#include <string>

#include <toml.hpp>

namespace {

constexpr int deepest = 8;

char *copy(const std::string &text)
{
	auto *to = static_cast<char *>(std::calloc(1, text.size() + 1));

	if (to == nullptr)
		throw std::bad_alloc();
	std::memcpy(to, text.data(), text.size());
	return to;
}

void fill(toml_node &node, const toml::value &value, int depth);

toml_node *children(std::size_t count)
{
	auto *nodes = static_cast<toml_node *>(std::calloc(count != 0 ? count : 1, sizeof(toml_node)));

	if (nodes == nullptr)
		throw std::bad_alloc();
	return nodes;
}

void fill_array(toml_node &node, const toml::value &value, int depth)
{
	node.children = children(value.as_array().size());
	for (const auto &element : value.as_array())
		fill(node.children[node.count++], element, depth + 1);
}

void fill_table(toml_node &node, const toml::value &value, int depth)
{
	node.children = children(value.as_table().size());
	for (const auto &pair : value.as_table()) {
		toml_node &child = node.children[node.count++];

		child.key = copy(pair.first);
		fill(child, pair.second, depth + 1);
	}
}

void fill(toml_node &node, const toml::value &value, int depth)
{
	node.line = static_cast<unsigned>(value.location().first_line_number());
	node.type = TOML_OTHER;
	if (value.is_string()) {
		node.type = TOML_STRING;
		node.string = copy(value.as_string());
		node.length = value.as_string().size();
	} else if (value.is_integer()) {
		node.type = TOML_INTEGER;
		node.integer = value.as_integer();
	} else if (value.is_boolean()) {
		node.type = TOML_BOOLEAN;
		node.integer = value.as_boolean();
	} else if (value.is_array() && depth < deepest) {
		node.type = TOML_ARRAY;
		fill_array(node, value, depth);
	} else if (value.is_table() && depth < deepest) {
		node.type = TOML_TABLE;
		fill_table(node, value, depth);
	}
}

void clear(toml_node &node)
{
	for (std::size_t i = 0; i < node.count; i++)
		clear(node.children[i]);
	std::free(node.children);
	std::free(node.key);
	std::free(node.string);
}

}

extern "C" struct toml_node *toml_read(const char *text, size_t size, unsigned *line, char *error, size_t error_size)
{
	toml_node *root = nullptr;

	*line = 1;
	try {
		const auto result = toml::try_parse_str(std::string(text, size));

		if (result.is_err())
			throw result.unwrap_err().at(0);
		root = children(1);
		fill(*root, result.unwrap(), 0);
		return root;
	} catch (const toml::error_info &problem) {
		if (!problem.locations().empty())
			*line = static_cast<unsigned>(problem.locations().front().first.first_line_number());
		std::snprintf(error, error_size, "%s", problem.title().c_str());
	} catch (const std::exception &problem) {
		std::snprintf(error, error_size, "%s", problem.what());
	}
	toml_free(root);
	return nullptr;
}

extern "C" void toml_free(struct toml_node *node)
{
	if (node == nullptr)
		return;
	clear(*node);
	std::free(node);
}
